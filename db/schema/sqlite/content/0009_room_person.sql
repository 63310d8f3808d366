-- SPDX-License-Identifier: Apache-2.0
-- What a room keeps about a person besides the affiliation, by bare JID. No row: nothing.

CREATE TABLE IF NOT EXISTS room_person (
  room_id  INTEGER NOT NULL,
  jid      TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  value    TEXT    NOT NULL,
  PRIMARY KEY (room_id, jid, key)
) WITHOUT ROWID;
