-- SPDX-License-Identifier: Apache-2.0
-- Messages between accounts, one row for each account whose archive has it (XEP-0313), and what
-- people said about that (XEP-0441). number: the order of commit, as outbox.position.

CREATE TABLE IF NOT EXISTS archived_message (
  localpart  text COLLATE "C" NOT NULL,
  number     bigint NOT NULL,
  at_us      bigint NOT NULL,
  peer       text COLLATE "C" NOT NULL,  -- the other one, bare
  resource   text COLLATE "C" NOT NULL,  -- '' if none was named
  stanza     text COLLATE "C" NOT NULL,
  PRIMARY KEY (localpart, number)
);
CREATE INDEX IF NOT EXISTS archived_message_peer ON archived_message (localpart, peer, number);

-- always, never: bare or full JIDs, each with its line end.
CREATE TABLE IF NOT EXISTS archive_preference (
  localpart  text COLLATE "C" NOT NULL PRIMARY KEY,
  fallback   integer NOT NULL,
  always     text COLLATE "C" NOT NULL,
  never      text COLLATE "C" NOT NULL
);
