// SPDX-License-Identifier: Apache-2.0
// The statements for what people keep for themselves, readers' and writer's. For db/'s own files.
#pragma once

#include <cstdint>
#include <string>

#include "db/sql/sql.h"

namespace db {
namespace rows {

// ---- readers

struct AccountExists {
  std::string localpart;
  int found = 0;
  static constexpr const char* sql = "SELECT count(*) FROM account WHERE localpart = :a";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(found);
  }
};

struct RosterItems {
  std::string localpart, jid, name;
  static constexpr const char* sql =
      "SELECT jid, name FROM roster_item WHERE localpart = :a ORDER BY jid";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(jid);
    s.into(name);
  }
};

struct RosterGroups {
  std::string localpart, jid, name;
  static constexpr const char* sql =
      "SELECT jid, name FROM roster_group WHERE localpart = :a ORDER BY jid, name";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(jid);
    s.into(name);
  }
};

struct PrivateXml {
  std::string localpart, ns, name, xml;
  static constexpr const char* sql = "SELECT ns, name, xml FROM private_xml WHERE localpart = :a";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(ns);
    s.into(name);
    s.into(xml);
  }
};

struct Vcard {
  std::string localpart, xml;
  static constexpr const char* sql = "SELECT xml FROM vcard WHERE localpart = :a";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(xml);
  }
};

struct PepNodes {
  std::string localpart, node, options;
  static constexpr const char* sql =
      "SELECT node, options FROM pep_node WHERE localpart = :a ORDER BY node";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(node);
    s.into(options);
  }
};

struct PepItems {
  std::string localpart, node, id, xml;
  std::int64_t seq = 0;
  static constexpr const char* sql =
      "SELECT node, id, seq, xml FROM pep_item WHERE localpart = :a ORDER BY node, seq";
  void bind(Statement& s) {
    s.use(localpart);
    s.into(node);
    s.into(id);
    s.into(seq);
    s.into(xml);
  }
};

// ---- writer. What is put for an account that is gone must not wait for the next of that name.

struct PutRosterItem {
  std::string localpart, jid, name;
  static constexpr const char* sql =
      "INSERT INTO roster_item (localpart, jid, name)"
      " SELECT localpart, :b, :c FROM account WHERE localpart = :a"
      " ON CONFLICT (localpart, jid) DO UPDATE SET name = excluded.name";
  void bind(Statement& s) {
    s.use(jid);
    s.use(name);
    s.use(localpart);
  }
};

struct PutRosterGroup {
  std::string localpart, jid, name;
  static constexpr const char* sql =
      "INSERT INTO roster_group (localpart, jid, name) VALUES (:a, :b, :c)";
  void bind(Statement& s) {
    s.use(localpart);
    s.use(jid);
    s.use(name);
  }
};

template <int table>
struct DeleteContact {
  static_assert(table >= 0 && table < 2);
  std::string localpart, jid;
  static constexpr const char* sql =
      table == 0 ? "DELETE FROM roster_item WHERE localpart = :a AND jid = :b"
                 : "DELETE FROM roster_group WHERE localpart = :a AND jid = :b";
  void bind(Statement& s) {
    s.use(localpart);
    s.use(jid);
  }
};

struct PutPrivateXml {
  std::string localpart, ns, name, xml;
  static constexpr const char* sql =
      "INSERT INTO private_xml (localpart, ns, name, xml)"
      " SELECT localpart, :b, :c, :d FROM account WHERE localpart = :a"
      " ON CONFLICT (localpart, ns, name) DO UPDATE SET xml = excluded.xml";
  void bind(Statement& s) {
    s.use(ns);
    s.use(name);
    s.use(xml);
    s.use(localpart);
  }
};

struct PutVcard {
  std::string localpart, xml;
  static constexpr const char* sql =
      "INSERT INTO vcard (localpart, xml) SELECT localpart, :b FROM account WHERE localpart = :a"
      " ON CONFLICT (localpart) DO UPDATE SET xml = excluded.xml";
  void bind(Statement& s) {
    s.use(xml);
    s.use(localpart);
  }
};

struct PutPepNode {
  std::string localpart, node, options;
  static constexpr const char* sql =
      "INSERT INTO pep_node (localpart, node, options)"
      " SELECT localpart, :b, :c FROM account WHERE localpart = :a"
      " ON CONFLICT (localpart, node) DO UPDATE SET options = excluded.options";
  void bind(Statement& s) {
    s.use(node);
    s.use(options);
    s.use(localpart);
  }
};

struct PutPepItem {
  std::string localpart, node, id, xml;
  std::int64_t seq = 0;
  static constexpr const char* sql =
      "INSERT INTO pep_item (localpart, node, id, seq, xml)"
      " SELECT localpart, node, :c, CAST(:d AS bigint), :e FROM pep_node WHERE localpart = :a AND "
      "node = :b"
      " ON CONFLICT (localpart, node, id) DO UPDATE SET seq = excluded.seq, xml = excluded.xml";
  void bind(Statement& s) {
    s.use(id);
    s.use(seq);
    s.use(xml);
    s.use(localpart);
    s.use(node);
  }
};

struct DeletePepItem {
  std::string localpart, node, id;
  static constexpr const char* sql =
      "DELETE FROM pep_item WHERE localpart = :a AND node = :b AND id = :c";
  void bind(Statement& s) {
    s.use(localpart);
    s.use(node);
    s.use(id);
  }
};

template <int table>
struct DeletePepNode {
  static_assert(table >= 0 && table < 2);
  std::string localpart, node;
  static constexpr const char* sql =
      table == 0 ? "DELETE FROM pep_node WHERE localpart = :a AND node = :b"
                 : "DELETE FROM pep_item WHERE localpart = :a AND node = :b";
  void bind(Statement& s) {
    s.use(localpart);
    s.use(node);
  }
};

// All that an account that is removed had kept.
template <int table>
struct ForgetPerson {
  static_assert(table >= 0 && table < 9);
  std::string localpart;
  static constexpr const char* sql =
      table == 0   ? "DELETE FROM roster_item WHERE localpart = :a"
      : table == 1 ? "DELETE FROM roster_group WHERE localpart = :a"
      : table == 2 ? "DELETE FROM private_xml WHERE localpart = :a"
      : table == 3 ? "DELETE FROM vcard WHERE localpart = :a"
      : table == 4 ? "DELETE FROM pep_node WHERE localpart = :a"
      : table == 5 ? "DELETE FROM pep_item WHERE localpart = :a"
      : table == 6 ? "DELETE FROM archived_message WHERE localpart = :a"
      : table == 7 ? "DELETE FROM archive_preference WHERE localpart = :a"
                   : "DELETE FROM message_setback WHERE localpart = :a";
  void bind(Statement& s) { s.use(localpart); }
};

}  // namespace rows

struct PersonalRows {
  explicit PersonalRows(Session& s)
      : exists(s), roster(s), groups(s), private_xml(s), vcard(s), nodes(s), items(s) {}

  Prepared<rows::AccountExists> exists;
  Prepared<rows::RosterItems> roster;
  Prepared<rows::RosterGroups> groups;
  Prepared<rows::PrivateXml> private_xml;
  Prepared<rows::Vcard> vcard;
  Prepared<rows::PepNodes> nodes;
  Prepared<rows::PepItems> items;
};

}  // namespace db
