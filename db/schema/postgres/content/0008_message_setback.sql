-- SPDX-License-Identifier: Apache-2.0
-- What reading a person's archive by time needs, instead of an index of times.

-- By how much clocks have gone back within a person's archive, at the most; as history_setback.
CREATE TABLE IF NOT EXISTS message_setback (
  localpart  text COLLATE "C" NOT NULL PRIMARY KEY,
  us         bigint NOT NULL
);
INSERT INTO message_setback (localpart, us)
  SELECT localpart, max(latest - at_us) FROM (SELECT localpart, at_us,
    max(at_us) OVER (PARTITION BY localpart ORDER BY number) AS latest FROM archived_message) AS said
  WHERE latest > at_us GROUP BY localpart
  ON CONFLICT (localpart)
  DO UPDATE SET us = excluded.us WHERE message_setback.us < excluded.us;

-- 0006 made it once; run again, it does not bring it back.
DROP INDEX IF EXISTS archived_message_time;
