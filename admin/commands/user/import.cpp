// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "admin/account_rules.h"
#include "admin/commands.h"
#include "admin/import_file.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr std::size_t problems_shown = 20;
constexpr std::size_t hashing_threads = 2;
constexpr Parameter parameters[] = {
    {"file", Parameter::Kind::lines, true, "lines of localpart,password; - reads standard input"},
};

std::optional<Refusal> refuse_existing(Context& context, ImportFile& file) {
  for (const auto& account : file.accounts) {
    const auto found = context.accounts.find(account.localpart);
    if (!found) return Refusal{.text = "the database cannot be read at the moment; try again"};
    if (*found)
      file.problems.push_back("line " + std::to_string(account.line) + ": the account '" +
                              account.localpart + "' exists already");
  }
  return std::nullopt;
}

Refusal refuse_lines(std::vector<std::string> problems) {
  const auto count = problems.size();
  if (count > problems_shown) {
    problems.resize(problems_shown);
    problems.push_back("and " + std::to_string(count - problems_shown) + " more");
  }
  return {.text = "nothing was imported: " + std::to_string(count) +
                  (count == 1 ? " line is" : " lines are") + " wrong; correct and try again",
          .details = std::move(problems)};
}

// Derives the keys of all accounts on a few threads; the calling thread tells how far they are.
// Empty if the server is stopping.
class Hashing {
 public:
  Hashing(const std::vector<NewAccount>& accounts, Context& context)
      : accounts_(accounts), context_(context), bodies_(accounts.size()) {}

  std::vector<record::Body> run(const Caller& caller) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < hashing_threads; ++i) threads.emplace_back([this] { work(); });
    while (!wait_for_the_last())
      if (caller.progress) caller.progress(done_, bodies_.size());
    for (auto& thread : threads) thread.join();
    if (done_ < bodies_.size()) return {};
    if (caller.progress) caller.progress(bodies_.size(), bodies_.size());
    return std::move(bodies_);
  }

 private:
  void work() {
    for (std::size_t i = next_++; i < accounts_.size(); i = next_++) {
      if (context_.is_stopping()) break;
      bodies_[i] = record::AccountChanged{
          .action = record::AccountChanged::Action::added,
          .localpart = accounts_[i].localpart,
          .verifiers =
              derive_verifiers(accounts_[i].password, context_.scram_iterations, context_.random)};
      ++done_;
    }
    const std::lock_guard lock(mutex_);
    ++finished_;
    all_finished_.notify_one();
  }

  bool wait_for_the_last() {
    std::unique_lock lock(mutex_);
    return all_finished_.wait_for(lock, std::chrono::milliseconds(200),
                                  [this] { return finished_ == hashing_threads; });
  }

  const std::vector<NewAccount>& accounts_;
  Context& context_;
  std::vector<record::Body> bodies_;  // each is written by one thread
  std::atomic<std::size_t> next_ = 0, done_ = 0;
  std::mutex mutex_;
  std::condition_variable all_finished_;
  std::size_t finished_ = 0;
};

base::Result<Answer, Refusal> import(const Arguments& arguments, const Caller& caller,
                                     Context& context) {
  auto file = parse_import(arguments.at("file"));
  if (auto refusal = refuse_existing(context, file)) return base::fail(std::move(*refusal));
  if (!file.problems.empty()) return base::fail(refuse_lines(std::move(file.problems)));
  if (file.accounts.empty())
    return base::fail(
        Refusal{.text = "there is no account in it; write lines of localpart,password"});
  auto bodies = Hashing(file.accounts, context).run(caller);
  if (bodies.empty())
    return base::fail(Refusal{.text = "the server is stopping; nothing was imported"});
  // One submission: all or nothing.
  if (auto refusal = record_and_wait(context, caller, std::move(bodies)))
    return base::fail(std::move(*refusal));
  const auto count = static_cast<std::int64_t>(file.accounts.size());
  return Answer{
      .text = "imported " + std::to_string(count) + (count == 1 ? " account" : " accounts"),
      .fields = {{"imported", count}},
      .count = count};
}

}  // namespace

const Command user_import{.name = "user import",
                          .help = "makes many accounts, all or none of them",
                          .parameters = parameters,
                          .may_be_first = true,
                          .run = import};

}  // namespace admin
