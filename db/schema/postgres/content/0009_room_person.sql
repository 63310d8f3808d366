-- SPDX-License-Identifier: Apache-2.0
-- What a room keeps about a person besides the affiliation, by bare JID. No row: nothing.

CREATE TABLE IF NOT EXISTS room_person (
  room_id  bigint NOT NULL,
  jid      text COLLATE "C" NOT NULL,
  key      text COLLATE "C" NOT NULL,
  value    text COLLATE "C" NOT NULL,
  PRIMARY KEY (room_id, jid, key)
);
