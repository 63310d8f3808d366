-- SPDX-License-Identifier: Apache-2.0
-- What people keep here for themselves. All of it goes with the account.

CREATE TABLE IF NOT EXISTS roster_item (
  localpart  text COLLATE "C" NOT NULL,
  jid        text COLLATE "C" NOT NULL,
  name       text COLLATE "C" NOT NULL,
  PRIMARY KEY (localpart, jid)
);

CREATE TABLE IF NOT EXISTS roster_group (
  localpart  text COLLATE "C" NOT NULL,
  jid        text COLLATE "C" NOT NULL,
  name       text COLLATE "C" NOT NULL,
  PRIMARY KEY (localpart, jid, name)
);

CREATE TABLE IF NOT EXISTS private_xml (
  localpart  text COLLATE "C" NOT NULL,
  ns         text COLLATE "C" NOT NULL,
  name       text COLLATE "C" NOT NULL,
  xml        text COLLATE "C" NOT NULL,
  PRIMARY KEY (localpart, ns, name)
);

CREATE TABLE IF NOT EXISTS vcard (
  localpart  text COLLATE "C" NOT NULL PRIMARY KEY,
  xml        text COLLATE "C" NOT NULL
);

CREATE TABLE IF NOT EXISTS pep_node (
  localpart  text COLLATE "C" NOT NULL,
  node       text COLLATE "C" NOT NULL,
  options    text COLLATE "C" NOT NULL,
  PRIMARY KEY (localpart, node)
);

CREATE TABLE IF NOT EXISTS pep_item (
  localpart  text COLLATE "C" NOT NULL,
  node       text COLLATE "C" NOT NULL,
  id         text COLLATE "C" NOT NULL,
  seq        bigint NOT NULL,
  xml        text COLLATE "C" NOT NULL,
  PRIMARY KEY (localpart, node, id)
);
