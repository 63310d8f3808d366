// SPDX-License-Identifier: Apache-2.0
// Accounts in memory, a recorder that derives them from events, and ears for what the server would
// be told.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "admin/command.h"
#include "tests/support/fakes.h"

namespace tests {

class MemoryAccounts final : public accounts::AccountStore {
 public:
  base::Result<std::optional<accounts::Account>, accounts::StoreError> find(
      const std::string& localpart) override {
    if (unavailable) return base::fail(accounts::StoreError::unavailable);
    const auto found = all.find(localpart);
    return found == all.end() ? std::nullopt : std::optional(found->second);
  }
  base::Result<std::vector<accounts::Account>, accounts::StoreError> list(
      const std::string& after, std::size_t max) override {
    if (unavailable) return base::fail(accounts::StoreError::unavailable);
    std::vector<accounts::Account> page;
    for (auto at = all.upper_bound(after); at != all.end() && page.size() < max; ++at)
      page.push_back(at->second);
    return page;
  }

  std::map<std::string, accounts::Account> all;
  bool unavailable = false;
};

class MemoryGroups final : public accounts::GroupStore {
 public:
  template <class T>
  using Read = base::Result<T, accounts::StoreError>;

  Read<std::optional<accounts::Group>> find(const std::string& name) override {
    if (unavailable) return base::fail(accounts::StoreError::unavailable);
    const auto found = all.find(name);
    if (found == all.end()) return std::optional<accounts::Group>();
    return std::optional(accounts::Group{name, {1}, found->second.size()});
  }
  Read<std::vector<accounts::Group>> list(const std::string& after, std::size_t max) override {
    if (unavailable) return base::fail(accounts::StoreError::unavailable);
    std::vector<accounts::Group> page;
    for (auto at = all.upper_bound(after); at != all.end() && page.size() < max; ++at)
      page.push_back({at->first, {1}, at->second.size()});
    return page;
  }
  Read<std::vector<xmpp::Jid>> members(const std::string& name, const std::string& after,
                                       std::size_t max) override {
    std::vector<xmpp::Jid> page;
    for (const auto& jid : all[name])
      if (jid > after && page.size() < max) page.push_back(*xmpp::Jid::parse(jid));
    return page;
  }
  Read<bool> is_member(const std::string& name, const xmpp::Jid& jid) override {
    return all[name].contains(std::string(jid.bare_str()));
  }

  std::map<std::string, std::set<std::string>> all;
  bool unavailable = false;
};

class MemoryRooms final : public muc::RoomDirectory {
 public:
  template <class T>
  using Read = base::Result<T, muc::StoreError>;

  Read<std::vector<muc::RoomSummary>> list(const std::string& service, const std::string& after,
                                           std::size_t max) override {
    if (unavailable) return base::fail(muc::StoreError::unavailable);
    std::vector<muc::RoomSummary> page;
    for (auto at = all.upper_bound(after); at != all.end() && page.size() < max; ++at)
      if (service.empty() || at->second.summary.jid.domain() == service)
        page.push_back(at->second.summary);
    return page;
  }
  Read<std::optional<muc::RoomPlace>> locate(const xmpp::Jid& room) override {
    const auto found = find(room);
    if (!found) return base::fail(found.error());
    if (!*found) return std::optional<muc::RoomPlace>();
    return std::optional(muc::RoomPlace{(*found)->summary.id, (*found)->last_number});
  }
  Read<std::optional<muc::RoomDetails>> find(const xmpp::Jid& room) override {
    if (unavailable) return base::fail(muc::StoreError::unavailable);
    const auto found = all.find(room.str());
    return found == all.end() ? std::nullopt : std::optional(found->second);
  }
  Read<std::vector<muc::StoredAffiliation>> affiliations(std::int64_t, const std::string& after,
                                                         std::size_t max) override {
    std::vector<muc::StoredAffiliation> page;
    for (const auto& entry : affiliated)
      if (entry.jid.str() > after && page.size() < max) page.push_back(entry);
    return page;
  }
  Read<std::vector<muc::Stay>> occupants(std::int64_t, std::size_t max) override {
    return std::vector<muc::Stay>(
        inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(std::min(max, inside.size())));
  }
  void add(const std::string& jid) {
    all[jid].summary = {static_cast<std::int64_t>(all.size()), *xmpp::Jid::parse(jid)};
  }

  std::map<std::string, muc::RoomDetails> all;
  std::vector<muc::StoredAffiliation> affiliated;
  std::vector<muc::Stay> inside;
  bool unavailable = false;
};

class NoArchive final : public admin::ArchiveDesk {
 public:
  Or<std::unique_ptr<compliance::ArchiveReader>> reader() override { return none(); }
  Or<std::unique_ptr<compliance::ManifestStore>> manifests() override { return none(); }
  Or<std::vector<compliance::NoteKey>> keys(const std::string&) override { return none(); }
  Or<base::SigningKey> signing_key() override { return none(); }
  Or<std::int64_t> accept_loss() override { return none(); }
  std::string location() override { return {}; }
  std::string published() override { return {}; }
  std::vector<admin::Field> state() override { return {}; }

 private:
  static base::Failure<std::string> none() {
    return base::fail(std::string("there is no archive"));
  }
};

class FakeDatabases final : public admin::Databases {
 public:
  std::vector<admin::DatabaseInfo> look() override {
    return {{"content", "sqlite:content.db", 2, 2, 4096, "process 7"}};
  }
  std::vector<admin::Field> waiting() override { return {{"archive_backlog", std::int64_t{5}}}; }
  base::Result<Purged, std::string> purge_history(
      std::int64_t room_id, base::Time before_time,
      const std::function<bool(std::int64_t)>& go_on) override {
    purged.emplace_back(room_id, before_time);
    if (!trouble.empty()) return base::fail(trouble);
    return Purged{7, 40, go_on(7)};
  }
  base::Result<std::vector<Copied>, std::string> backup(const std::string& folder,
                                                        const GoOn& go_on) override {
    folders.push_back(folder);
    if (!trouble.empty() || !go_on(5, 10)) return base::fail(trouble);
    return std::vector<Copied>{{"content.db", 4096, 4, "ab"}, {"archive.db", 8192, 1, "cd"}};
  }
  int schema_before() override { return before; }

  std::vector<std::pair<std::int64_t, base::Time>> purged;
  std::vector<std::string> folders;
  std::string trouble;

  int before = 1;
};

class FakeRecorder final : public record::Recorder {
 public:
  FakeRecorder(MemoryAccounts& accounts, MemoryGroups& groups)
      : accounts_(accounts), groups_(groups) {}

  void submit(std::vector<record::Event> events,
              std::function<void(record::Settlement)> done) override {
    ++submissions;
    for (auto& event : events) {
      if (outcome == record::Outcome::durable) apply(event);
      recorded.push_back(std::move(event));
    }
    done(outcome);
  }
  bool accepting() const override { return accepts; }

  std::vector<record::AdminCommand> commands() const {
    std::vector<record::AdminCommand> found;
    for (const auto& event : recorded)
      if (const auto* command = std::get_if<record::AdminCommand>(&event.body))
        found.push_back(*command);
    return found;
  }

  std::vector<record::Event> recorded;
  std::size_t submissions = 0;
  record::Outcome outcome = record::Outcome::durable;
  bool accepts = true;

 private:
  void apply(const record::GroupChanged& change) {
    using Action = record::GroupChanged::Action;
    if (change.action == Action::removed) {
      groups_.all.erase(change.group);
      return;
    }
    auto& members = groups_.all[change.group];
    if (change.action == Action::member_added) members.insert(change.member.str());
    if (change.action == Action::member_removed) members.erase(change.member.str());
  }
  void apply(const record::Event& event) {
    if (const auto* group = std::get_if<record::GroupChanged>(&event.body)) apply(*group);
    const auto* change = std::get_if<record::AccountChanged>(&event.body);
    if (!change) return;
    using Action = record::AccountChanged::Action;
    auto& account = accounts_.all[change->localpart];
    account.localpart = change->localpart;
    if (change->verifiers) account.verifiers = *change->verifiers;
    if (change->action == Action::added) {
      account.admin = change->admin;
      account.created_at = event.at;
    } else if (change->action == Action::removed) {
      accounts_.all.erase(change->localpart);
    } else if (change->action != Action::password) {
      account.enabled = change->action == Action::enabled;
    }
  }

  MemoryAccounts& accounts_;
  MemoryGroups& groups_;
};

class FakeLive final : public admin::Live {
 public:
  void end_sessions(const xmpp::Jid& account, admin::Ending why) override {
    ended.emplace_back(account.str(), why);
  }
  std::optional<std::vector<admin::Field>> status() override {
    return std::vector<admin::Field>{{"sessions", std::int64_t{3}}};
  }

  void set_administrator(const xmpp::Jid& account, bool may) override {
    administrators.emplace_back(account.str(), may);
  }
  std::vector<bool> in_memory(const std::vector<xmpp::Jid>& rooms) override {
    std::vector<bool> all;
    for (const auto& room : rooms) all.push_back(room.str() < "c");
    return all;
  }
  void forget_history(const xmpp::Jid& room, std::int64_t up_to, base::Time) override {
    forgotten.emplace_back(room.str(), up_to);
  }
  base::Result<admin::Answer, admin::Refusal> reload() override {
    return admin::Answer{.text = "reloaded"};
  }

  std::vector<std::pair<std::string, admin::Ending>> ended;
  std::vector<std::pair<std::string, bool>> administrators;
  std::vector<std::pair<std::string, std::int64_t>> forgotten;
};

// A server of localhost, as its commands see it.
struct AdminWorld {
  MemoryAccounts accounts;
  MemoryGroups groups;
  MemoryRooms rooms;
  FakeDatabases databases;
  NoArchive archive;
  FakeRecorder recorder{accounts, groups};
  FakeClock clock;
  SeededRandom random;
  FakeLive live;
  admin::Context context{.accounts = accounts,
                         .groups = groups,
                         .rooms = rooms,
                         .databases = databases,
                         .archive = archive,
                         .recorder = &recorder,
                         .clock = clock,
                         .random = random,
                         .live = live,
                         .domain = "localhost",
                         .scram_iterations = 4};

  base::Result<admin::Answer, admin::Refusal> run(const admin::Command& command,
                                                  const admin::Arguments& arguments = {}) {
    return admin::run(command, arguments, {.uid = 1000}, context);
  }
};

}  // namespace tests
