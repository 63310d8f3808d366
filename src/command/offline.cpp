// SPDX-License-Identifier: Apache-2.0
#include "src/command/offline.h"

#include "base/log.h"
#include "db/content.h"
#include "src/data_dir.h"
#include "src/version.h"

namespace server {
namespace {

base::Failure<admin::Refusal> refuse(std::string text) {
  return base::fail(admin::Refusal{.text = std::move(text)});
}

}  // namespace

base::Result<admin::Answer, admin::Refusal> run_offline(const Config& config,
                                                        const admin::Command& command,
                                                        const admin::Arguments& arguments,
                                                        const admin::Caller& caller) {
  if (command.needs_server)
    return refuse("no server runs on " + config.data_dir + "; start it with `hansard serve -d " +
                  config.data_dir + "`");
  if (!command.may_be_first && !data_dir_exists(config.data_dir))
    return refuse("there is no data directory " + config.data_dir +
                  "; name the server's with -d, or its configuration with -c");
  if (auto ready = ensure_data_dir(config.data_dir); !ready) return refuse(ready.error());
  const auto log = base::make_stderr_log(base::LogFormat::text, base::Level::warn);
  base::SystemClock clock;
  base::SystemRandom random;
  auto content =
      db::Content::open(config.database.content, config.data_dir, db::Content::Access::own);
  if (!content) return refuse(content.error());
  const auto started = (*content)->start_recording({.version = version,
                                                    .domain = config.domain,
                                                    .outbox = config.archive.enabled,
                                                    .clock = &clock,
                                                    .random = &random,
                                                    .log = log.get()});
  if (!started) return refuse(started.error());

  admin::NullLive nobody;
  admin::Context context{.accounts = (*content)->accounts(),
                         .recorder = (*content)->recorder(),
                         .clock = clock,
                         .random = random,
                         .live = nobody,
                         .domain = config.domain,
                         .scram_iterations = static_cast<int>(config.auth.scram_iterations),
                         .admins = admin_jids(config)};
  auto result = admin::run(command, arguments, caller, context);
  if (!(*content)->stop_recording(base::seconds(30), "offline command") && result)
    return refuse(
        "the database did not take everything in time; look whether the command took "
        "effect before trying again");
  return result;
}

}  // namespace server
