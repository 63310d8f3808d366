-- SPDX-License-Identifier: Apache-2.0
-- Archive: the leaves of all sources in one order, with their parts. Append-only.

CREATE TABLE IF NOT EXISTS event (
  seq        bigint PRIMARY KEY,  -- index of the leaf, dense from 0
  leaf       text COLLATE "C" NOT NULL CHECK (octet_length(leaf) <= 65535),
  leaf_hash  text COLLATE "C" NOT NULL CHECK (length(leaf_hash) = 64),
  src        text COLLATE "C" NOT NULL,
  sn         bigint NOT NULL,
  event_id   text COLLATE "C" NOT NULL,
  t          bigint NOT NULL,
  ts         bigint NOT NULL,
  room       bigint,
  rn         bigint,
  UNIQUE (src, sn)
);
CREATE INDEX IF NOT EXISTS event_room ON event (room, rn) WHERE room IS NOT NULL;

CREATE TABLE IF NOT EXISTS part (
  seq   bigint NOT NULL,
  n     bigint NOT NULL,
  kind  text COLLATE "C" NOT NULL,
  salt  text COLLATE "C" NOT NULL CHECK (length(salt) = 64),
  data  text COLLATE "C" NOT NULL,
  PRIMARY KEY (seq, n)
);

-- Where each source goes on. Derived from the events; the one thing here that moves.
CREATE TABLE IF NOT EXISTS head (
  src   text COLLATE "C" NOT NULL PRIMARY KEY,
  sn    bigint NOT NULL,
  hash  text COLLATE "C" NOT NULL
);

CREATE OR REPLACE FUNCTION hansard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'part' AND TG_OP = 'UPDATE' THEN
    RETURN NULL;  -- looked at row by row, from schema 3 on
  END IF;
  RAISE EXCEPTION 'the archive is append-only: %', TG_TABLE_NAME USING ERRCODE = '23001';
END $$;

-- Dense: checked once for all rows of a statement, against what was there before.
CREATE OR REPLACE FUNCTION hansard_event_dense() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  first_new bigint;
  last_new bigint;
  how_many bigint;
  last_old bigint;
BEGIN
  SELECT min(seq), max(seq), count(*) INTO first_new, last_new, how_many FROM added;
  IF how_many = 0 THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(max(seq), -1) INTO last_old FROM event WHERE seq < first_new;
  IF first_new <> last_old + 1 OR last_new - first_new + 1 <> how_many
     OR EXISTS (SELECT 1 FROM event WHERE seq > last_new) THEN
    RAISE EXCEPTION 'the archive is append-only: event' USING ERRCODE = '23001';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER event_dense AFTER INSERT ON event
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hansard_event_dense();
CREATE OR REPLACE TRIGGER event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON event
  FOR EACH STATEMENT EXECUTE FUNCTION hansard_append_only();
CREATE OR REPLACE TRIGGER part_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON part
  FOR EACH STATEMENT EXECUTE FUNCTION hansard_append_only();
-- Also where session_replication_role is `replica`; of archives made before this stood here,
-- 0002 does it.
ALTER TABLE event ENABLE ALWAYS TRIGGER event_dense;
ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_change;
ALTER TABLE part ENABLE ALWAYS TRIGGER part_no_change;
