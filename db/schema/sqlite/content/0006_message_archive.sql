-- SPDX-License-Identifier: Apache-2.0
-- Messages between accounts, one row for each account whose archive has it (XEP-0313), and what
-- people said about that (XEP-0441). number: the order of commit, as outbox.position.

CREATE TABLE IF NOT EXISTS archived_message (
  localpart  TEXT    NOT NULL,
  number     INTEGER NOT NULL,
  at_us      INTEGER NOT NULL,
  peer       TEXT    NOT NULL,  -- the other one, bare
  resource   TEXT    NOT NULL,  -- '' if none was named
  stanza     TEXT    NOT NULL,
  PRIMARY KEY (localpart, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS archived_message_peer ON archived_message (localpart, peer, number);

-- always, never: bare or full JIDs, each with its line end.
CREATE TABLE IF NOT EXISTS archive_preference (
  localpart  TEXT    NOT NULL PRIMARY KEY,
  fallback   INTEGER NOT NULL,
  always     TEXT    NOT NULL,
  never      TEXT    NOT NULL
) WITHOUT ROWID;
