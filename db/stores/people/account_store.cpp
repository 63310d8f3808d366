// SPDX-License-Identifier: Apache-2.0
#include "db/parts_text.h"
#include "db/stores/stores.h"

namespace db {
namespace {

xmpp::ScramKeys keys(const rows::ScramText& text) {
  // Keys that are not hex let nobody in; the rest of the account still answers.
  return {from_hex(text.salt).value_or(""), text.iterations, from_hex(text.stored_key).value_or(""),
          from_hex(text.server_key).value_or("")};
}

}  // namespace

base::Result<std::optional<accounts::Account>, accounts::StoreError> AccountStore::find(
    const std::string& localpart) {
  return readers_.read(accounts::StoreError::unavailable,
                       [&](ReaderConnection& db) -> std::optional<accounts::Account> {
                         auto& query = db.rows.find_account;
                         query.row.localpart = localpart;
                         if (!query.one()) return std::nullopt;
                         return accounts::Account{localpart,
                                                  query.row.enabled != 0,
                                                  query.row.admin != 0,
                                                  {query.row.created_at},
                                                  {keys(query.row.sha1), keys(query.row.sha256)}};
                       });
}

base::Result<std::vector<accounts::Account>, accounts::StoreError> AccountStore::list(
    const std::string& after, std::size_t max) {
  return readers_.read(accounts::StoreError::unavailable, [&](ReaderConnection& db) {
    auto& query = db.rows.list_accounts;
    query.row.after = after;
    query.row.max = static_cast<std::int64_t>(std::min<std::size_t>(max, 1'000'000));
    std::vector<accounts::Account> found;
    query.each([&] {
      found.push_back({query.row.localpart,
                       query.row.enabled != 0,
                       query.row.admin != 0,
                       {query.row.created_at},
                       {}});
    });
    return found;
  });
}

}  // namespace db
