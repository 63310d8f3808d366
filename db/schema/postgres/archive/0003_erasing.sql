-- SPDX-License-Identifier: Apache-2.0
-- One part can be erased, its salt and its data, by a function that a role of its own may call, and
-- in no other way. The leaf and every proof stay valid.

ALTER TABLE part DROP CONSTRAINT IF EXISTS part_salt_check;
ALTER TABLE part ADD CONSTRAINT part_salt_check
  CHECK (length(salt) = 64 OR salt = '' AND data = '');

CREATE OR REPLACE FUNCTION hansard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'part' AND TG_OP = 'UPDATE' THEN
    RETURN NULL;  -- looked at row by row, from schema 3 on
  END IF;
  RAISE EXCEPTION 'the archive is append-only: %', TG_TABLE_NAME USING ERRCODE = '23001';
END $$;

-- The setting is the function's, of one transaction, and names the one part.
CREATE OR REPLACE FUNCTION hansard_part_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq = OLD.seq AND NEW.n = OLD.n AND NEW.kind = OLD.kind AND NEW.salt = '' AND NEW.data = ''
     AND current_setting('hansard.erasing', true) IS NOT DISTINCT FROM OLD.seq || '/' || OLD.n THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the archive is append-only: part' USING ERRCODE = '23001';
END $$;
CREATE OR REPLACE TRIGGER part_erased BEFORE UPDATE ON part
  FOR EACH ROW EXECUTE FUNCTION hansard_part_erased();
ALTER TABLE part ENABLE ALWAYS TRIGGER part_erased;

-- It runs as the owner, so that no name in it may be the caller's: pg_temp stands last.
DO $make$ BEGIN
  EXECUTE format($sql$
    CREATE OR REPLACE FUNCTION hansard_erase_part(of_seq bigint, of_n bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS $body$
    DECLARE
      erased boolean;
    BEGIN
      PERFORM set_config('hansard.erasing', of_seq || '/' || of_n, true);
      UPDATE part SET salt = '', data = '' WHERE seq = of_seq AND n = of_n;
      erased := FOUND;
      PERFORM set_config('hansard.erasing', '', true);
      RETURN erased;
    END $body$
  $sql$, current_schema());
END $make$;
REVOKE ALL ON FUNCTION hansard_erase_part(bigint, bigint) FROM PUBLIC;
