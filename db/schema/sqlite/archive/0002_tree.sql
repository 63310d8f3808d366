-- SPDX-License-Identifier: Apache-2.0
-- What proves the leaves (checkpoints, subtrees, manifests of exports), and what finds them
-- (derived, made again from the leaves whenever it is lost).

CREATE TABLE IF NOT EXISTS archive_id (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  id   TEXT    NOT NULL CHECK (length(id) = 16)
);
INSERT INTO archive_id (one, id) SELECT 1, lower(hex(randomblob(8)))
  WHERE NOT EXISTS (SELECT 1 FROM archive_id);

CREATE TABLE IF NOT EXISTS checkpoint (
  size    INTEGER PRIMARY KEY,
  root    TEXT    NOT NULL CHECK (length(root) = 64),
  issued  INTEGER NOT NULL,
  note    TEXT    NOT NULL
);

CREATE TABLE IF NOT EXISTS subtree (
  level  INTEGER NOT NULL,
  idx    INTEGER NOT NULL,
  hash   TEXT    NOT NULL CHECK (length(hash) = 64),
  PRIMARY KEY (level, idx)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS manifest (
  number   INTEGER PRIMARY KEY,
  request  TEXT    NOT NULL UNIQUE CHECK (length(request) = 64),
  sha256   TEXT    NOT NULL CHECK (length(sha256) = 64),
  body     TEXT    NOT NULL
);

-- From here on derived. Up to which leaf that is done:
CREATE TABLE IF NOT EXISTS derived (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  size  INTEGER NOT NULL
);
INSERT INTO derived (one, size) SELECT 1, 0 WHERE NOT EXISTS (SELECT 1 FROM derived);

-- Stays in rooms. `span` is the number of bits of leave_rn - join_rn, -1 while it is open: who was
-- there at a number is looked for among those of each length that can reach it.
CREATE TABLE IF NOT EXISTS stay (
  join_seq   INTEGER PRIMARY KEY,
  room       INTEGER NOT NULL,
  session    TEXT    NOT NULL,
  person     TEXT    NOT NULL,
  join_rn    INTEGER NOT NULL,
  leave_seq  INTEGER,
  leave_rn   INTEGER,
  span       INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS stay_place ON stay (room, span, join_rn);
CREATE INDEX IF NOT EXISTS stay_open ON stay (room, session) WHERE leave_rn IS NULL;

-- What was given out of a room later: `seq` is the join's or the page's. `span` as above.
CREATE TABLE IF NOT EXISTS given (
  seq       INTEGER PRIMARY KEY,
  room      INTEGER NOT NULL,
  first_rn  INTEGER NOT NULL,
  last_rn   INTEGER NOT NULL,
  span      INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS given_place ON given (room, span, first_rn);

CREATE TABLE IF NOT EXISTS room (
  seq   INTEGER PRIMARY KEY,
  room  INTEGER NOT NULL,
  jid   TEXT    NOT NULL
);
CREATE INDEX IF NOT EXISTS room_jid ON room (jid);

-- Of each 1,024 leaves the extremes, for looking up times and ids.
CREATE TABLE IF NOT EXISTS stretch (
  stretch  INTEGER PRIMARY KEY,
  ts_min   INTEGER NOT NULL,
  ts_max   INTEGER NOT NULL,
  id_min   TEXT    NOT NULL,
  id_max   TEXT    NOT NULL
);

CREATE TRIGGER IF NOT EXISTS manifest_dense BEFORE INSERT ON manifest
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM manifest)
  OR EXISTS (SELECT 1 FROM manifest WHERE request = NEW.request)
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: manifest'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_once BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: checkpoint'); END;
CREATE TRIGGER IF NOT EXISTS subtree_once BEFORE INSERT ON subtree
WHEN EXISTS (SELECT 1 FROM subtree WHERE level = NEW.level AND idx = NEW.idx)
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: subtree'); END;
CREATE TRIGGER IF NOT EXISTS archive_id_once BEFORE INSERT ON archive_id
WHEN EXISTS (SELECT 1 FROM archive_id)
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: archive_id'); END;
CREATE TRIGGER IF NOT EXISTS manifest_no_update BEFORE UPDATE ON manifest
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: manifest'); END;
CREATE TRIGGER IF NOT EXISTS manifest_no_delete BEFORE DELETE ON manifest
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: manifest'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_no_update BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: checkpoint'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_no_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: checkpoint'); END;
CREATE TRIGGER IF NOT EXISTS subtree_no_update BEFORE UPDATE ON subtree
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: subtree'); END;
CREATE TRIGGER IF NOT EXISTS subtree_no_delete BEFORE DELETE ON subtree
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: subtree'); END;
CREATE TRIGGER IF NOT EXISTS archive_id_no_update BEFORE UPDATE ON archive_id
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: archive_id'); END;
CREATE TRIGGER IF NOT EXISTS archive_id_no_delete BEFORE DELETE ON archive_id
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: archive_id'); END;
