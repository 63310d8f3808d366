-- SPDX-License-Identifier: Apache-2.0
-- What rooms show of themselves. Read when somebody asks, never kept in memory with the room.

CREATE TABLE IF NOT EXISTS room_vcard (
  room_id  bigint PRIMARY KEY,
  vcard    text NOT NULL
);
