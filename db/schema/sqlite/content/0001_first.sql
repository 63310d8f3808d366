-- SPDX-License-Identifier: Apache-2.0
-- Content: rooms, their history, accounts, secrets, and the outbox of the archive.
-- Times are microseconds since the epoch, UTC. Hashes, keys and salts are lower-case hex.
-- Pages are of 8 KiB: see db/sqlite/engine.cpp, for it must be said before anything is here.

-- Who has this database open for writing; the kernel's lock beside the file decides, this row says
-- whom to ask.
CREATE TABLE IF NOT EXISTS owner (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  pid         INTEGER NOT NULL,
  started_at  INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS secret (
  name   TEXT NOT NULL PRIMARY KEY,
  value  TEXT NOT NULL
) WITHOUT ROWID;

-- Each start of a node's writer is a source of its own, with dense numbers from 1.
CREATE TABLE IF NOT EXISTS source_head (
  source       TEXT    NOT NULL PRIMARY KEY,
  node         TEXT    NOT NULL,
  incarnation  INTEGER NOT NULL,
  sn           INTEGER NOT NULL,
  hash         TEXT    NOT NULL,
  opened_at    INTEGER NOT NULL,
  stopped      INTEGER NOT NULL,  -- 1: said goodbye
  UNIQUE (node, incarnation)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS heartbeat (
  source     TEXT    NOT NULL PRIMARY KEY,
  last_seen  INTEGER NOT NULL
) WITHOUT ROWID;

-- A destroyed room keeps its row and id; its JID may be used again.
CREATE TABLE IF NOT EXISTS room (
  id              INTEGER PRIMARY KEY,
  jid             TEXT    NOT NULL,
  service         TEXT    NOT NULL,
  created_at      INTEGER NOT NULL,
  destroyed_at    INTEGER,
  subject_stanza  TEXT    NOT NULL DEFAULT '',
  subject_at      INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS room_living ON room (jid) WHERE destroyed_at IS NULL;
CREATE INDEX IF NOT EXISTS room_service ON room (service, jid) WHERE destroyed_at IS NULL;

-- The number and hash of a room's last event: compared and set by whoever writes for the room.
CREATE TABLE IF NOT EXISTS room_head (
  room_id  INTEGER PRIMARY KEY,
  number   INTEGER NOT NULL,
  hash     TEXT    NOT NULL,
  epoch    INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS room_setting (
  room_id  INTEGER NOT NULL,
  key      TEXT    NOT NULL,
  value    TEXT    NOT NULL,
  PRIMARY KEY (room_id, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS affiliation (
  room_id        INTEGER NOT NULL,
  jid            TEXT    NOT NULL,
  affiliation    INTEGER NOT NULL CHECK (affiliation IN (0, 2, 3, 4)),
  reserved_nick  TEXT    NOT NULL,
  PRIMARY KEY (room_id, jid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS affiliation_owner ON affiliation (jid) WHERE affiliation = 4;

-- Who is inside; what an incarnation left behind when it crashed.
CREATE TABLE IF NOT EXISTS occupancy (
  room_id      INTEGER NOT NULL,
  jid          TEXT    NOT NULL,
  session      TEXT    NOT NULL,
  nick         TEXT    NOT NULL,
  affiliation  INTEGER NOT NULL,
  role         INTEGER NOT NULL,
  joined_at    INTEGER NOT NULL,
  source       TEXT    NOT NULL,
  incarnation  INTEGER NOT NULL,
  PRIMARY KEY (room_id, jid, session)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS occupancy_left_behind ON occupancy (incarnation, room_id);

CREATE TABLE IF NOT EXISTS history (
  room_id  INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  at_us    INTEGER NOT NULL,
  nick     TEXT    NOT NULL,
  sender   TEXT    NOT NULL,
  stanza   TEXT    NOT NULL,
  PRIMARY KEY (room_id, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS account (
  localpart          TEXT    NOT NULL PRIMARY KEY,
  enabled            INTEGER NOT NULL,
  admin              INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  sha1_salt          TEXT    NOT NULL,
  sha1_iterations    INTEGER NOT NULL,
  sha1_stored_key    TEXT    NOT NULL,
  sha1_server_key    TEXT    NOT NULL,
  sha256_salt        TEXT    NOT NULL,
  sha256_iterations  INTEGER NOT NULL,
  sha256_stored_key  TEXT    NOT NULL,
  sha256_server_key  TEXT    NOT NULL
) WITHOUT ROWID;

-- Copies of events that wait for the archive. position = incarnation * 2^40 + sn: in the order of
-- commit, never used twice.
CREATE TABLE IF NOT EXISTS outbox (
  position   INTEGER PRIMARY KEY,
  source     TEXT    NOT NULL,
  sn         INTEGER NOT NULL,
  event_id   TEXT    NOT NULL,
  code       INTEGER NOT NULL,
  at_us      INTEGER NOT NULL,
  room_id    INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  leaf       TEXT    NOT NULL,
  leaf_hash  TEXT    NOT NULL,
  parts      TEXT    NOT NULL
);
