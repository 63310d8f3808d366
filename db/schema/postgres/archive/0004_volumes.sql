-- SPDX-License-Identifier: Apache-2.0
-- PostgreSQL's archive is one database, however long it grows; SQLite's begins a new file each month.

-- When a stay began, beside where; what was derived before is derived again.
ALTER TABLE stay ADD COLUMN IF NOT EXISTS join_ts bigint NOT NULL DEFAULT 0;
UPDATE derived SET size = 9007199254740992 WHERE size > 0;
