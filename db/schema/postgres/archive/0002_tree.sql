-- SPDX-License-Identifier: Apache-2.0
-- What proves the leaves (checkpoints, subtrees, manifests of exports), what finds them (derived,
-- made again from the leaves whenever it is lost), and triggers that hold for a superuser too.

CREATE TABLE IF NOT EXISTS archive_id (
  one  bigint PRIMARY KEY CHECK (one = 1),
  id   text COLLATE "C" NOT NULL CHECK (length(id) = 16)
);
INSERT INTO archive_id (one, id) SELECT 1, left(md5(gen_random_uuid()::text), 16)
  WHERE NOT EXISTS (SELECT 1 FROM archive_id);

CREATE TABLE IF NOT EXISTS checkpoint (
  size    bigint PRIMARY KEY,
  root    text COLLATE "C" NOT NULL CHECK (length(root) = 64),
  issued  bigint NOT NULL,
  note    text COLLATE "C" NOT NULL
);

CREATE TABLE IF NOT EXISTS subtree (
  level  bigint NOT NULL,
  idx    bigint NOT NULL,
  hash   text COLLATE "C" NOT NULL CHECK (length(hash) = 64),
  PRIMARY KEY (level, idx)
);

CREATE TABLE IF NOT EXISTS manifest (
  number   bigint PRIMARY KEY,
  request  text COLLATE "C" NOT NULL UNIQUE CHECK (length(request) = 64),
  sha256   text COLLATE "C" NOT NULL CHECK (length(sha256) = 64),
  body     text COLLATE "C" NOT NULL
);

-- From here on derived. Up to which leaf that is done:
CREATE TABLE IF NOT EXISTS derived (
  one   bigint PRIMARY KEY CHECK (one = 1),
  size  bigint NOT NULL
);
INSERT INTO derived (one, size) SELECT 1, 0 WHERE NOT EXISTS (SELECT 1 FROM derived);

-- Stays in rooms. `span` is the number of bits of leave_rn - join_rn, -1 while it is open: who was
-- there at a number is looked for among those of each length that can reach it.
CREATE TABLE IF NOT EXISTS stay (
  join_seq   bigint PRIMARY KEY,
  room       bigint NOT NULL,
  session    text COLLATE "C" NOT NULL,
  person     text COLLATE "C" NOT NULL,
  join_rn    bigint NOT NULL,
  leave_seq  bigint,
  leave_rn   bigint,
  span       bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS stay_place ON stay (room, span, join_rn);
CREATE INDEX IF NOT EXISTS stay_open ON stay (room, session) WHERE leave_rn IS NULL;

-- What was given out of a room later: `seq` is the join's or the page's. `span` as above.
CREATE TABLE IF NOT EXISTS given (
  seq       bigint PRIMARY KEY,
  room      bigint NOT NULL,
  first_rn  bigint NOT NULL,
  last_rn   bigint NOT NULL,
  span      bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS given_place ON given (room, span, first_rn);

CREATE TABLE IF NOT EXISTS room (
  seq   bigint PRIMARY KEY,
  room  bigint NOT NULL,
  jid   text COLLATE "C" NOT NULL
);
CREATE INDEX IF NOT EXISTS room_jid ON room (jid);

-- Of each 1,024 leaves the extremes, for looking up times and ids.
CREATE TABLE IF NOT EXISTS stretch (
  stretch  bigint PRIMARY KEY,
  ts_min   bigint NOT NULL,
  ts_max   bigint NOT NULL,
  id_min   text COLLATE "C" NOT NULL,
  id_max   text COLLATE "C" NOT NULL
);

CREATE OR REPLACE FUNCTION hansard_manifest_dense() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.number IS DISTINCT FROM (SELECT coalesce(max(number), 0) + 1 FROM manifest) THEN
    RAISE EXCEPTION 'the archive is append-only: manifest' USING ERRCODE = '23001';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER manifest_dense BEFORE INSERT ON manifest
  FOR EACH ROW EXECUTE FUNCTION hansard_manifest_dense();
CREATE OR REPLACE TRIGGER manifest_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON manifest
  FOR EACH STATEMENT EXECUTE FUNCTION hansard_append_only();
CREATE OR REPLACE TRIGGER checkpoint_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION hansard_append_only();
CREATE OR REPLACE TRIGGER subtree_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON subtree
  FOR EACH STATEMENT EXECUTE FUNCTION hansard_append_only();
CREATE OR REPLACE TRIGGER archive_id_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON archive_id
  FOR EACH STATEMENT EXECUTE FUNCTION hansard_append_only();

-- Also where session_replication_role is `replica`.
ALTER TABLE event ENABLE ALWAYS TRIGGER event_dense;
ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_change;
ALTER TABLE part ENABLE ALWAYS TRIGGER part_no_change;
ALTER TABLE manifest ENABLE ALWAYS TRIGGER manifest_dense;
ALTER TABLE manifest ENABLE ALWAYS TRIGGER manifest_no_change;
ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER checkpoint_no_change;
ALTER TABLE subtree ENABLE ALWAYS TRIGGER subtree_no_change;
ALTER TABLE archive_id ENABLE ALWAYS TRIGGER archive_id_no_change;
