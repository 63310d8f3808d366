// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/commands/archive/looking.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"reason", Parameter::Kind::text, true, "why: it goes on record"},
};

// The reason is among the arguments, which are on record before this begins.
Or<Answer> accept_loss(const Arguments&, const Caller&, Context& context) {
  const auto size = context.archive.accept_loss();
  if (!size) return base::fail(Refusal{.text = size.error()});
  return Answer{.text = "checkpoints go on from event " + std::to_string(*size) +
                        " under an origin of their own; those before stand for what is lost, and "
                        "`hansard archive verify` says so",
                .fields = {{"checkpoint_events", *size}},
                .count = 1};
}

}  // namespace

const Command archive_accept_loss{
    .name = "archive accept-loss",
    .help = "lets checkpoints go on after an older copy of the archive was put in its place",
    .parameters = parameters,
    .where = Where::offline,
    .run = accept_loss};

}  // namespace admin
