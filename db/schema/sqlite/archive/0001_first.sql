-- SPDX-License-Identifier: Apache-2.0
-- Archive: the leaves of all sources in one order, with their parts. Append-only.

CREATE TABLE IF NOT EXISTS event (
  seq        INTEGER PRIMARY KEY,  -- index of the leaf, dense from 0
  leaf       TEXT    NOT NULL CHECK (length(CAST(leaf AS BLOB)) <= 65535),
  leaf_hash  TEXT    NOT NULL CHECK (length(leaf_hash) = 64),
  src        TEXT    NOT NULL,
  sn         INTEGER NOT NULL,
  event_id   TEXT    NOT NULL,
  t          INTEGER NOT NULL,
  ts         INTEGER NOT NULL,
  room       INTEGER,
  rn         INTEGER,
  UNIQUE (src, sn)
);
CREATE INDEX IF NOT EXISTS event_room ON event (room, rn) WHERE room IS NOT NULL;

CREATE TABLE IF NOT EXISTS part (
  seq   INTEGER NOT NULL,
  n     INTEGER NOT NULL,
  kind  TEXT    NOT NULL,
  salt  TEXT    NOT NULL CHECK (length(salt) = 64),
  data  TEXT    NOT NULL,
  PRIMARY KEY (seq, n)
) WITHOUT ROWID;

-- Where each source goes on. Derived from the events; the one thing here that moves.
CREATE TABLE IF NOT EXISTS head (
  src   TEXT    NOT NULL PRIMARY KEY,
  sn    INTEGER NOT NULL,
  hash  TEXT    NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS event_dense BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM event)
  OR EXISTS (SELECT 1 FROM event WHERE src = NEW.src AND sn = NEW.sn)
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: event'); END;
CREATE TRIGGER IF NOT EXISTS event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: event'); END;
CREATE TRIGGER IF NOT EXISTS event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: event'); END;

CREATE TRIGGER IF NOT EXISTS part_once BEFORE INSERT ON part
WHEN EXISTS (SELECT 1 FROM part WHERE seq = NEW.seq AND n = NEW.n)
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: part'); END;
CREATE TRIGGER IF NOT EXISTS part_no_update BEFORE UPDATE ON part
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: part'); END;
CREATE TRIGGER IF NOT EXISTS part_no_delete BEFORE DELETE ON part
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: part'); END;
