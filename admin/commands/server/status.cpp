// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"

namespace admin {
namespace {

base::Result<Answer, Refusal> show(const Arguments&, const Caller&, Context& context) {
  auto fields = context.live.status();
  if (!fields) return base::fail(Refusal{.text = "no server is running; start `hansard serve`"});
  return Answer{.text = "", .fields = std::move(*fields)};
}

}  // namespace

const Command status{
    .name = "status",
    .help = "shows sessions, rooms, queue depths, database, archive backlog, uptime",
    .where = Where::server,
    .recorded = false,
    .changes = false,
    .run = show};

}  // namespace admin
