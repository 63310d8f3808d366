// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"

namespace admin {
namespace {

base::Result<Answer, Refusal> reload_now(const Arguments&, const Caller&, Context& context) {
  return context.live.reload();
}

}  // namespace

const Command reload{
    .name = "reload",
    .help = "reads configuration and certificate again: all of it or, if anything is wrong, none",
    .where = Where::server,
    .run = reload_now};

}  // namespace admin
