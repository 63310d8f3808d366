-- SPDX-License-Identifier: Apache-2.0
-- PostgreSQL's archive is one database, however long it grows; SQLite's begins a new file each month.

-- When a stay began, beside where.
ALTER TABLE stay ADD COLUMN IF NOT EXISTS join_ts bigint NOT NULL DEFAULT 0;
UPDATE stay SET join_ts = coalesce((SELECT ts FROM event WHERE seq = join_seq), 0);
