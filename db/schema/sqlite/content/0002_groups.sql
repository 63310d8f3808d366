-- SPDX-License-Identifier: Apache-2.0
-- Local groups of users: what a category may name as group:NAME.

CREATE TABLE IF NOT EXISTS user_group (
  name        TEXT    NOT NULL PRIMARY KEY,
  created_at  INTEGER NOT NULL
) WITHOUT ROWID;

-- Bare JIDs, of this server or others.
CREATE TABLE IF NOT EXISTS group_member (
  group_name  TEXT NOT NULL,
  jid         TEXT NOT NULL,
  PRIMARY KEY (group_name, jid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS group_member_jid ON group_member (jid);
