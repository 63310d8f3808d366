-- SPDX-License-Identifier: Apache-2.0
-- What people keep here for themselves. All of it goes with the account.

CREATE TABLE IF NOT EXISTS roster_item (
  localpart  TEXT NOT NULL,
  jid        TEXT NOT NULL,
  name       TEXT NOT NULL,
  PRIMARY KEY (localpart, jid)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS roster_group (
  localpart  TEXT NOT NULL,
  jid        TEXT NOT NULL,
  name       TEXT NOT NULL,
  PRIMARY KEY (localpart, jid, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS private_xml (
  localpart  TEXT NOT NULL,
  ns         TEXT NOT NULL,
  name       TEXT NOT NULL,
  xml        TEXT NOT NULL,
  PRIMARY KEY (localpart, ns, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS vcard (
  localpart  TEXT NOT NULL PRIMARY KEY,
  xml        TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS pep_node (
  localpart  TEXT NOT NULL,
  node       TEXT NOT NULL,
  options    TEXT NOT NULL,
  PRIMARY KEY (localpart, node)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS pep_item (
  localpart  TEXT    NOT NULL,
  node       TEXT    NOT NULL,
  id         TEXT    NOT NULL,
  seq        INTEGER NOT NULL,
  xml        TEXT    NOT NULL,
  PRIMARY KEY (localpart, node, id)
) WITHOUT ROWID;
