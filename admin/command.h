// SPDX-License-Identifier: Apache-2.0
// Command: one administrative command, declared once: its name, its parameters, who may use it and
// what it does. The command line follows from the declaration, and so will ad-hoc commands
// (XEP-0050) and HTTP. To add one: a file with its declaration and a line in commands.cpp.
//
// Commands block (they wait until what they did is on record): run them on the control thread or
// the main thread of an offline command, never on a shard.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account_store.h"
#include "admin/answer.h"
#include "admin/live.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "record/recorder.h"
#include "xmpp/jid.h"

namespace admin {

struct Parameter {
  enum class Kind : std::uint8_t {
    account,  // a bare JID of an account here
    secret,   // a password: never recorded, never shown
    lines,    // the text of a file: only its number of lines is recorded
    flag,     // given or not
  };
  std::string_view name;
  Kind kind;
  bool required;
  std::string_view help;
};

// By parameter name. A flag that is given has the value "true".
using Arguments = std::map<std::string, std::string, std::less<>>;

// Who asks, and how far it has come.
struct Caller {
  std::string channel = "cli";
  std::int64_t uid = -1;  // of the process that asks; -1 unknown
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

// What commands work with; all must outlive the command.
struct Context {
  accounts::AccountStore& accounts;
  record::Recorder& recorder;
  base::Clock& clock;
  base::Random& random;
  Live& live;
  std::string domain;  // where accounts live
  int scram_iterations = 4096;
  std::vector<xmpp::Jid> admins = {};  // named in the configuration
  // Set when the server is about to end: what takes long gives up then. May be null.
  const std::atomic<bool>* stopping = nullptr;

  bool is_stopping() const { return stopping != nullptr && stopping->load(); }
};

enum class Who : std::uint8_t { administrators };

struct Command {
  std::string_view name;  // words: "user add"
  std::string_view help;
  std::span<const Parameter> parameters = {};
  Who who = Who::administrators;
  bool recorded = true;  // false: reads counters only, and must work while nothing can be recorded
  bool needs_server = false;  // has no meaning without the running server
  bool may_be_first = false;  // may come before the first start: makes the data directory
  base::Result<Answer, Refusal> (*run)(const Arguments&, const Caller&, Context&);
};

// Checks the arguments against the declaration, records that the command started, runs it, records
// how it ended.
base::Result<Answer, Refusal> run(const Command& command, const Arguments& arguments,
                                  const Caller& caller, Context& context);

}  // namespace admin
