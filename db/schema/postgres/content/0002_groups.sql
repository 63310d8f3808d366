-- SPDX-License-Identifier: Apache-2.0
-- Local groups of users: what a category may name as group:NAME.

CREATE TABLE IF NOT EXISTS user_group (
  name        text COLLATE "C" NOT NULL PRIMARY KEY,
  created_at  bigint NOT NULL
);

-- Bare JIDs, of this server or others.
CREATE TABLE IF NOT EXISTS group_member (
  group_name  text COLLATE "C" NOT NULL,
  jid         text COLLATE "C" NOT NULL,
  PRIMARY KEY (group_name, jid)
);
CREATE INDEX IF NOT EXISTS group_member_jid ON group_member (jid);
