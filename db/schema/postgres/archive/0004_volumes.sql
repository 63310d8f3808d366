-- SPDX-License-Identifier: Apache-2.0
-- PostgreSQL's archive is one database, however long it grows. The number is SQLite's, which begins
-- a new file each month.
SELECT 1;
