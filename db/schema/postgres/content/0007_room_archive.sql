-- SPDX-License-Identifier: Apache-2.0
-- What reading a room's archive by time and completely needs.

-- 1: a subject that was set. It is in the archive, not among what is given to those who enter.
ALTER TABLE history ADD COLUMN IF NOT EXISTS subject bigint NOT NULL DEFAULT 0;

-- By how much clocks have gone back within a room's history, at the most: no row is older than
-- any before it by more than that. No row here: never. See db/stores/search.h.
CREATE TABLE IF NOT EXISTS history_setback (
  room_id  bigint PRIMARY KEY,
  us       bigint NOT NULL
);
