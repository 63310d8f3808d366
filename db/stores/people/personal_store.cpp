// SPDX-License-Identifier: Apache-2.0
#include "db/stores/stores.h"
#include "xmpp/parser/element_reader.h"

namespace db {
namespace {

using accounts::PersonalData;

// Rows that cannot be read are as if they were not there; the rest still answers.
void read_roster(PersonalRows& rows, const std::string& localpart, PersonalData& data) {
  rows.roster.row.localpart = rows.groups.row.localpart = localpart;
  rows.roster.each([&] {
    if (auto jid = xmpp::Jid::parse(rows.roster.row.jid))
      data.roster.emplace(std::move(*jid), accounts::Contact{.name = rows.roster.row.name});
  });
  auto at = data.roster.end();
  rows.groups.each([&] {
    if (at == data.roster.end() || at->first.str() != rows.groups.row.jid) {
      const auto jid = xmpp::Jid::parse(rows.groups.row.jid);
      at = jid ? data.roster.find(*jid) : data.roster.end();
    }
    if (at != data.roster.end()) at->second.groups.push_back(rows.groups.row.name);
  });
}

void read_nodes(PersonalRows& rows, const std::string& localpart, xmpp::ElementReader& reader,
                PersonalData& data) {
  rows.nodes.row.localpart = rows.items.row.localpart = localpart;
  rows.nodes.each([&] {
    data.nodes.emplace(rows.nodes.row.node, accounts::PepNode{rows.nodes.row.options, {}});
  });
  rows.items.each([&] {
    const auto node = data.nodes.find(rows.items.row.node);
    if (node == data.nodes.end()) return;
    if (auto payload = reader.read(rows.items.row.xml))
      node->second.items.push_back(
          {rows.items.row.id, rows.items.row.seq, std::move(*payload), rows.items.row.xml.size()});
  });
}

}  // namespace

base::Result<std::optional<PersonalData>, accounts::StoreError> PersonalStore::load(
    const std::string& localpart) {
  return readers_.read(
      accounts::StoreError::unavailable, [&](ReaderConnection& db) -> std::optional<PersonalData> {
        PersonalRows& rows = db.personal;
        rows.exists.row.localpart = localpart;
        if (!rows.exists.one() || rows.exists.row.found == 0) return std::nullopt;
        PersonalData data;
        xmpp::ElementReader reader;
        read_roster(rows, localpart, data);
        rows.private_xml.row.localpart = localpart;
        rows.private_xml.each([&] {
          auto& row = rows.private_xml.row;
          if (auto element = reader.read(row.xml))
            data.private_xml.emplace(std::pair(row.ns, row.name),
                                     accounts::Kept{std::move(*element), row.xml.size()});
        });
        rows.vcard.row.localpart = localpart;
        if (rows.vcard.one())
          if (auto element = reader.read(rows.vcard.row.xml))
            data.vcard = accounts::Kept{std::move(*element), rows.vcard.row.xml.size()};
        read_nodes(rows, localpart, reader, data);
        db.archive.preferences.row.localpart = localpart;
        if (db.archive.preferences.one())
          data.archiving = stored_preferences(db.archive.preferences.row);
        return data;
      });
}

}  // namespace db
