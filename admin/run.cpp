// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "admin/command.h"
#include "admin/recording.h"

namespace admin {
namespace {

Refusal usage(std::string text) { return {.kind = Refusal::Kind::usage, .text = std::move(text)}; }

std::optional<Refusal> check_arguments(const Command& command, const Arguments& arguments) {
  for (const auto& parameter : command.parameters)
    if (parameter.required && !arguments.contains(parameter.name))
      return usage("'" + std::string(command.name) + "' needs " + std::string(parameter.name));
  for (const auto& [name, value] : arguments) {
    const auto known = std::any_of(command.parameters.begin(), command.parameters.end(),
                                   [&](const Parameter& p) { return p.name == name; });
    if (!known) return usage("'" + std::string(command.name) + "' does not take '" + name + "'");
  }
  return std::nullopt;
}

// The arguments as they go on record: secrets by name only, files by their number of lines.
std::string recordable(const Command& command, const Arguments& arguments) {
  std::string all;
  for (const auto& parameter : command.parameters) {
    const auto found = arguments.find(parameter.name);
    if (found == arguments.end()) continue;
    all += (all.empty() ? "" : " ") + std::string(parameter.name);
    const auto& value = found->second;
    if (parameter.kind == Parameter::Kind::account)
      all += "=" + value.substr(0, 3071);
    else if (parameter.kind == Parameter::Kind::lines)
      all += "=" + std::to_string(std::count(value.begin(), value.end(), '\n')) + " lines";
  }
  return all;
}

}  // namespace

base::Result<Answer, Refusal> run(const Command& command, const Arguments& arguments,
                                  const Caller& caller, Context& context) {
  if (auto refusal = check_arguments(command, arguments)) return base::fail(std::move(*refusal));
  if (!command.recorded) return command.run(arguments, caller, context);

  record::AdminCommand event{.channel = caller.channel,
                             .command = std::string(command.name),
                             .uid = caller.uid,
                             .arguments = recordable(command, arguments)};
  if (auto refusal = record_and_wait(context, {event})) return base::fail(std::move(*refusal));
  auto result = command.run(arguments, caller, context);
  event.finished = true;
  event.result = result ? "done" : "refused";
  event.count = result ? result->count : 0;
  // What the command did is durable by now: a record of its end that fails changes nothing about
  // it.
  if (record_and_wait(context, {event}) && result) result->text += " (its end is not on record)";
  return result;
}

}  // namespace admin
