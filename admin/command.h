// SPDX-License-Identifier: Apache-2.0
// Command: one administrative command, declared once: its name, its parameters, who may use it and
// what it does. The command line, control.sock and ad-hoc commands (XEP-0050) follow from the
// declaration. To add one: a file with its declaration and a line in commands.cpp.
//
// Commands block (they wait until what they did is on record): run them on a thread for them
// (src/control/command_runner.h) or the main thread of an offline command, never on a shard.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account_store.h"
#include "accounts/group_store.h"
#include "admin/answer.h"
#include "admin/archive_desk.h"
#include "admin/databases.h"
#include "admin/live.h"
#include "admin/parameter.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "muc/room_directory.h"
#include "record/recorder.h"
#include "xmpp/jid.h"

namespace admin {

// Who asks, and how far it has come.
struct Caller {
  std::string channel = "cli";  // "cli", "adhoc", "signal"
  std::int64_t uid = -1;        // of the process that asks; -1 unknown
  xmpp::Jid jid = {};           // the administrator, where the channel knows; empty if not
  // May be empty. `total` 0: not known.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  // Asked when a command that had to wait for others begins; empty: yes.
  std::function<bool()> still_may = {};
};

// What commands work with; all must outlive the command.
struct Context {
  accounts::AccountStore& accounts;
  accounts::GroupStore& groups;
  muc::RoomDirectory& rooms;
  Databases& databases;
  ArchiveDesk& archive;
  record::Recorder* recorder;  // null: only for commands that are not recorded
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
enum class Where : std::uint8_t {
  anywhere,  // by the running server, or on the databases if there is none
  server,    // has no meaning without the running server
  offline,   // has no meaning while a server runs
};

struct Command {
  std::string_view name;  // words: "user add"
  std::string_view help;  // begins with a verb: "makes an account"
  std::span<const Parameter> parameters = {};
  Who who = Who::administrators;
  Where where = Where::anywhere;
  bool recorded = true;  // false: reads counters only, and must work while nothing can be recorded
  bool changes = true;   // false: does not wait behind those that do
  bool slow = false;     // nothing waits behind it: it takes minutes, and may run beside all others
  bool may_be_first = false;  // may come before the first start: makes the data directory
  base::Result<Answer, Refusal> (*run)(const Arguments&, const Caller&, Context&);
};

// Checks the arguments against the declaration, records that the command started, runs it, records
// how it ended.
base::Result<Answer, Refusal> run(const Command& command, const Arguments& arguments,
                                  const Caller& caller, Context& context);

}  // namespace admin
