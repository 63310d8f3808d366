// SPDX-License-Identifier: Apache-2.0
#include "admin/command.h"
#include "admin/recording.h"

namespace admin {

base::Result<Answer, Refusal> run(const Command& command, const Arguments& arguments,
                                  const Caller& caller, Context& context) {
  const auto given = checked(command.name, command.parameters, arguments, context.domain);
  if (!given) return base::fail(given.error());
  if (caller.still_may && !caller.still_may())
    return base::fail(Refusal{.text = "you are no administrator any more"});
  if (!command.recorded) return command.run(*given, caller, context);

  record::AdminCommand event{.channel = caller.channel,
                             .command = std::string(command.name),
                             .uid = caller.uid,
                             .arguments = recordable(command.parameters, *given)};
  if (auto refusal = record_and_wait(context, caller, {event}))
    return base::fail(std::move(*refusal));
  auto result = command.run(*given, caller, context);
  event.finished = true;
  event.result = result ? "done" : "refused";
  event.count = result ? result->count : 0;
  // What the command did is durable by now: a record of its end that fails changes nothing about
  // it.
  if (record_and_wait(context, caller, {event}) && result)
    result->text += " (its end is not on record)";
  return result;
}

}  // namespace admin
