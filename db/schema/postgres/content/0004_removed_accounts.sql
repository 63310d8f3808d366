-- SPDX-License-Identifier: Apache-2.0
-- Names whose accounts were removed. Rooms may still have affiliations for them, so that nobody
-- gets one by registering (XEP-0077); an administrator may give it out again, which takes it off
-- this list.

CREATE TABLE IF NOT EXISTS removed_account (
  localpart   text COLLATE "C" NOT NULL PRIMARY KEY,
  removed_at  bigint NOT NULL
);
