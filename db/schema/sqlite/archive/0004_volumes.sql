-- SPDX-License-Identifier: Apache-2.0
-- Volume: this file among those of the archive, one a month. Once `end_seq` says where it ends it is
-- sealed: nothing is added any more, and the next file goes on from there.

CREATE TABLE IF NOT EXISTS volume (
  one             INTEGER PRIMARY KEY CHECK (one = 1),
  ordinal         INTEGER NOT NULL,  -- dense from 1
  first_seq       INTEGER NOT NULL,
  first_manifest  INTEGER NOT NULL,
  end_seq         INTEGER
);
INSERT INTO volume (one, ordinal, first_seq, first_manifest) SELECT 1, 1, 0, 1
  WHERE NOT EXISTS (SELECT 1 FROM volume);

-- When a stay began, beside where.
ALTER TABLE stay ADD COLUMN join_ts INTEGER NOT NULL DEFAULT 0;
UPDATE stay SET join_ts = coalesce((SELECT ts FROM event WHERE seq = join_seq), 0);

DROP TRIGGER IF EXISTS event_dense;
CREATE TRIGGER event_dense BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, (SELECT first_seq FROM volume)) FROM event)
  OR EXISTS (SELECT 1 FROM event WHERE src = NEW.src AND sn = NEW.sn)
  OR (SELECT end_seq FROM volume) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: event'); END;

DROP TRIGGER IF EXISTS manifest_dense;
CREATE TRIGGER manifest_dense BEFORE INSERT ON manifest
WHEN NEW.number IS NOT
    (SELECT coalesce(max(number) + 1, (SELECT first_manifest FROM volume)) FROM manifest)
  OR EXISTS (SELECT 1 FROM manifest WHERE request = NEW.request)
  OR (SELECT end_seq FROM volume) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: manifest'); END;

DROP TRIGGER IF EXISTS part_once;
CREATE TRIGGER part_once BEFORE INSERT ON part
WHEN EXISTS (SELECT 1 FROM part WHERE seq = NEW.seq AND n = NEW.n)
  OR (SELECT end_seq FROM volume) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: part'); END;
DROP TRIGGER IF EXISTS checkpoint_once;
CREATE TRIGGER checkpoint_once BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size)
  OR (SELECT end_seq FROM volume) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: checkpoint'); END;
DROP TRIGGER IF EXISTS subtree_once;
CREATE TRIGGER subtree_once BEFORE INSERT ON subtree
WHEN EXISTS (SELECT 1 FROM subtree WHERE level = NEW.level AND idx = NEW.idx)
  OR (SELECT end_seq FROM volume) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: subtree'); END;

CREATE TRIGGER IF NOT EXISTS volume_once BEFORE INSERT ON volume
WHEN EXISTS (SELECT 1 FROM volume)
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: volume'); END;
CREATE TRIGGER IF NOT EXISTS volume_sealed_once BEFORE UPDATE ON volume
WHEN OLD.end_seq IS NOT NULL OR NEW.ordinal IS NOT OLD.ordinal
  OR NEW.first_seq IS NOT OLD.first_seq OR NEW.first_manifest IS NOT OLD.first_manifest
  OR NEW.one IS NOT OLD.one
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: volume'); END;
CREATE TRIGGER IF NOT EXISTS volume_no_delete BEFORE DELETE ON volume
BEGIN SELECT RAISE(ABORT, 'the archive is append-only: volume'); END;
