// SPDX-License-Identifier: Apache-2.0
// Accounts in memory, a recorder that derives them from events, and ears for what the server would
// be told.
#pragma once

#include <map>
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

class FakeRecorder final : public record::Recorder {
 public:
  explicit FakeRecorder(MemoryAccounts& accounts) : accounts_(accounts) {}

  void submit(std::vector<record::Event> events,
              std::function<void(record::Outcome)> done) override {
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
  void apply(const record::Event& event) {
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
};

class FakeLive final : public admin::Live {
 public:
  void end_sessions(const xmpp::Jid& account, admin::Ending why) override {
    ended.emplace_back(account.str(), why);
  }
  std::optional<std::vector<admin::Field>> status() override {
    return std::vector<admin::Field>{{"sessions", std::int64_t{3}}};
  }

  std::vector<std::pair<std::string, admin::Ending>> ended;
};

// A server of localhost, as its commands see it.
struct AdminWorld {
  MemoryAccounts accounts;
  FakeRecorder recorder{accounts};
  FakeClock clock;
  SeededRandom random;
  FakeLive live;
  admin::Context context{.accounts = accounts,
                         .recorder = recorder,
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
