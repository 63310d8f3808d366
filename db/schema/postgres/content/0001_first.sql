-- SPDX-License-Identifier: Apache-2.0
-- Content: rooms, their history, accounts, secrets, and the outbox of the archive.
-- Times are microseconds since the epoch, UTC. Hashes, keys and salts are lower-case hex.

-- Who has this database open for writing; an advisory lock decides, this row says
-- whom to ask.
CREATE TABLE IF NOT EXISTS owner (
  one         bigint PRIMARY KEY CHECK (one = 1),
  pid         bigint NOT NULL,
  started_at  bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS secret (
  name   text COLLATE "C" NOT NULL PRIMARY KEY,
  value  text COLLATE "C" NOT NULL
);

-- Each start of a node's writer is a source of its own, with dense numbers from 1.
CREATE TABLE IF NOT EXISTS source_head (
  source       text COLLATE "C" NOT NULL PRIMARY KEY,
  node         text COLLATE "C" NOT NULL,
  incarnation  bigint NOT NULL,
  sn           bigint NOT NULL,
  hash         text COLLATE "C" NOT NULL,
  opened_at    bigint NOT NULL,
  stopped      bigint NOT NULL,  -- 1: said goodbye
  UNIQUE (node, incarnation)
);

CREATE TABLE IF NOT EXISTS heartbeat (
  source     text COLLATE "C" NOT NULL PRIMARY KEY,
  last_seen  bigint NOT NULL
);

-- A destroyed room keeps its row and id; its JID may be used again.
CREATE TABLE IF NOT EXISTS room (
  id              bigint PRIMARY KEY,
  jid             text COLLATE "C" NOT NULL,
  service         text COLLATE "C" NOT NULL,
  created_at      bigint NOT NULL,
  destroyed_at    bigint,
  subject_stanza  text COLLATE "C" NOT NULL DEFAULT '',
  subject_at      bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS room_living ON room (jid) WHERE destroyed_at IS NULL;
CREATE INDEX IF NOT EXISTS room_service ON room (service, jid) WHERE destroyed_at IS NULL;

-- The number and hash of a room's last event: compared and set by whoever writes for the room.
CREATE TABLE IF NOT EXISTS room_head (
  room_id  bigint PRIMARY KEY,
  number   bigint NOT NULL,
  hash     text COLLATE "C" NOT NULL,
  epoch    bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS room_setting (
  room_id  bigint NOT NULL,
  key      text COLLATE "C" NOT NULL,
  value    text COLLATE "C" NOT NULL,
  PRIMARY KEY (room_id, key)
);

CREATE TABLE IF NOT EXISTS affiliation (
  room_id        bigint NOT NULL,
  jid            text COLLATE "C" NOT NULL,
  affiliation    bigint NOT NULL CHECK (affiliation IN (0, 2, 3, 4)),
  reserved_nick  text COLLATE "C" NOT NULL,
  PRIMARY KEY (room_id, jid)
);
CREATE INDEX IF NOT EXISTS affiliation_owner ON affiliation (jid) WHERE affiliation = 4;

-- Who is inside; what an incarnation left behind when it crashed.
CREATE TABLE IF NOT EXISTS occupancy (
  room_id      bigint NOT NULL,
  jid          text COLLATE "C" NOT NULL,
  session      text COLLATE "C" NOT NULL,
  nick         text COLLATE "C" NOT NULL,
  affiliation  bigint NOT NULL,
  role         bigint NOT NULL,
  joined_at    bigint NOT NULL,
  source       text COLLATE "C" NOT NULL,
  incarnation  bigint NOT NULL,
  PRIMARY KEY (room_id, jid, session)
);
CREATE INDEX IF NOT EXISTS occupancy_left_behind ON occupancy (incarnation, room_id);

CREATE TABLE IF NOT EXISTS history (
  room_id  bigint NOT NULL,
  number   bigint NOT NULL,
  at_us    bigint NOT NULL,
  nick     text COLLATE "C" NOT NULL,
  sender   text COLLATE "C" NOT NULL,
  stanza   text COLLATE "C" NOT NULL,
  PRIMARY KEY (room_id, number)
);

CREATE TABLE IF NOT EXISTS account (
  localpart          text COLLATE "C" NOT NULL PRIMARY KEY,
  enabled            bigint NOT NULL,
  admin              bigint NOT NULL,
  created_at         bigint NOT NULL,
  sha1_salt          text COLLATE "C" NOT NULL,
  sha1_iterations    bigint NOT NULL,
  sha1_stored_key    text COLLATE "C" NOT NULL,
  sha1_server_key    text COLLATE "C" NOT NULL,
  sha256_salt        text COLLATE "C" NOT NULL,
  sha256_iterations  bigint NOT NULL,
  sha256_stored_key  text COLLATE "C" NOT NULL,
  sha256_server_key  text COLLATE "C" NOT NULL
);

-- Copies of events that wait for the archive. position = incarnation * 2^40 + sn: in the order of
-- commit, never used twice.
CREATE TABLE IF NOT EXISTS outbox (
  position   bigint PRIMARY KEY,
  source     text COLLATE "C" NOT NULL,
  sn         bigint NOT NULL,
  event_id   text COLLATE "C" NOT NULL,
  code       bigint NOT NULL,
  at_us      bigint NOT NULL,
  room_id    bigint NOT NULL,
  number     bigint NOT NULL,
  leaf       text COLLATE "C" NOT NULL,
  leaf_hash  text COLLATE "C" NOT NULL,
  parts      text COLLATE "C" NOT NULL
);
