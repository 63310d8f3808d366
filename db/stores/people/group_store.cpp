// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "db/stores/stores.h"

namespace db {
namespace {

using accounts::StoreError;

std::int64_t limit(std::size_t max) {
  return static_cast<std::int64_t>(std::min<std::size_t>(max, 1'000'000));
}

std::size_t number(std::int64_t n) {
  return static_cast<std::size_t>(std::max<std::int64_t>(n, 0));
}

}  // namespace

GroupStore::Read<std::optional<accounts::Group>> GroupStore::find(const std::string& name) {
  return readers_.read(
      StoreError::unavailable, [&](ReaderConnection& db) -> std::optional<accounts::Group> {
        auto& query = db.rows.find_group;
        query.row.name = name;
        if (!query.one()) return std::nullopt;
        return accounts::Group{name, {query.row.created_at}, number(query.row.members)};
      });
}

GroupStore::Read<std::vector<accounts::Group>> GroupStore::list(const std::string& after,
                                                                std::size_t max) {
  return readers_.read(StoreError::unavailable, [&](ReaderConnection& db) {
    auto& query = db.rows.list_groups;
    query.row.after = after;
    query.row.max = limit(max);
    std::vector<accounts::Group> found;
    query.each([&] {
      found.push_back({query.row.name, {query.row.created_at}, number(query.row.members)});
    });
    return found;
  });
}

// A row that is no JID names nobody.
GroupStore::Read<std::vector<xmpp::Jid>> GroupStore::members(const std::string& name,
                                                             const std::string& after,
                                                             std::size_t max) {
  return readers_.read(StoreError::unavailable, [&](ReaderConnection& db) {
    auto& query = db.rows.list_members;
    query.row.name = name;
    query.row.after = after;
    query.row.max = limit(max);
    std::vector<xmpp::Jid> found;
    query.each([&] {
      if (auto jid = xmpp::Jid::parse(query.row.jid)) found.push_back(std::move(*jid));
    });
    return found;
  });
}

GroupStore::Read<bool> GroupStore::is_member(const std::string& name, const xmpp::Jid& jid) {
  return readers_.read(StoreError::unavailable, [&](ReaderConnection& db) {
    auto& query = db.rows.find_member;
    query.row.name = name;
    query.row.jid = jid.bare_str();
    query.one();
    return query.row.found > 0;
  });
}

}  // namespace db
