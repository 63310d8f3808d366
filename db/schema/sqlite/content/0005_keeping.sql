-- SPDX-License-Identifier: Apache-2.0
-- How long history is kept in rooms that have a rule of their own; what start-ups have found when
-- they compared content and archive.

CREATE INDEX IF NOT EXISTS room_setting_keep ON room_setting (room_id)
  WHERE key IN ('hansard#keep_days', 'hansard#keep_messages');

-- Events of a source that will never be in the archive: lost with it, or (up to the largest number
-- there is) made while no archive was kept.
CREATE TABLE IF NOT EXISTS archive_gap (
  source    TEXT    NOT NULL,
  first_sn  INTEGER NOT NULL,
  last_sn   INTEGER NOT NULL,
  PRIMARY KEY (source, first_sn)
) WITHOUT ROWID;

-- Up to where the archive knew more of a source than the content, which had been restored.
CREATE TABLE IF NOT EXISTS archive_ahead (
  source  TEXT    NOT NULL PRIMARY KEY,
  sn      INTEGER NOT NULL
) WITHOUT ROWID;
