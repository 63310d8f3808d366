// SPDX-License-Identifier: Apache-2.0
#include "src/command/offline.h"

#include "base/log.h"
#include "db/content.h"
#include "src/administration/databases.h"
#include "src/archive/desk.h"
#include "src/data_dir.h"
#include "src/version.h"

namespace server {
namespace {

using Outcome = base::Result<admin::Answer, admin::Refusal>;

base::Failure<admin::Refusal> refuse(std::string text) {
  return base::fail(admin::Refusal{.text = std::move(text)});
}

// What commands find while no server runs.
struct Offline {
  Offline(const Config& configuration, db::Content& opened, record::Recorder* recorder)
      : databases(configuration, &opened),
        desk(configuration, nullptr),
        context{.accounts = opened.accounts(),
                .groups = opened.groups(),
                .rooms = opened.directory(),
                .databases = databases,
                .archive = desk,
                .recorder = recorder,
                .clock = clock,
                .random = random,
                .live = nobody,
                .domain = configuration.domain,
                .scram_iterations = static_cast<int>(configuration.auth.scram_iterations),
                .admins = admin_jids(configuration)} {}

  base::SystemClock clock;
  base::SystemRandom random;
  admin::NullLive nobody;
  DatabaseFiles databases;
  Desk desk;
  admin::Context context;
};

std::optional<admin::Refusal> not_here(const Config& config, const admin::Command& command) {
  if (command.where == admin::Where::server)
    return admin::Refusal{.text = "no server runs on " + config.data_dir +
                                  "; start it with `hansard serve -d " + config.data_dir + "`"};
  if (!command.may_be_first && !data_dir_exists(config.data_dir))
    return admin::Refusal{.text = "there is no data directory " + config.data_dir +
                                  "; name the server's with -d, or its configuration with -c"};
  return std::nullopt;
}

// Reads only, whoever has the databases open.
Outcome look(const Config& config, const admin::Command& command, const admin::Arguments& arguments,
             const admin::Caller& caller) {
  const auto content =
      db::Content::open(config.database.content, config.data_dir, db::Content::Access::peek);
  if (!content) return refuse(content.error());
  Offline offline(config, **content, nullptr);
  return admin::run(command, arguments, caller, offline.context);
}

}  // namespace

Outcome run_offline(const Config& config, const admin::Command& command,
                    const admin::Arguments& arguments, const admin::Caller& caller) {
  if (auto refusal = not_here(config, command)) return base::fail(std::move(*refusal));
  if (!command.recorded) return look(config, command, arguments, caller);
  if (auto ready = ensure_data_dir(config.data_dir); !ready) return refuse(ready.error());
  const auto log = base::make_stderr_log(base::LogFormat::text, base::Level::warn);
  base::SystemClock clock;
  base::SystemRandom random;
  auto content =
      db::Content::open(config.database.content, config.data_dir, db::Content::Access::own);
  if (!content) return refuse(content.error());
  const auto started =
      (*content)->start_recording({.version = version,
                                   .domain = config.domain,
                                   .outbox = config.archive.enabled,
                                   .archive = config.archive.enabled ? config.database.archive : "",
                                   .data_dir = config.data_dir,
                                   .clock = &clock,
                                   .random = &random,
                                   .log = log.get()});
  if (!started) return refuse(started.error());

  Offline offline(config, **content, &(*content)->recorder());
  auto result = admin::run(command, arguments, caller, offline.context);
  if (!(*content)->stop_recording(base::seconds(30), "offline command") && result)
    return refuse(
        "the database did not take everything in time; look whether the command took "
        "effect before trying again");
  return result;
}

}  // namespace server
