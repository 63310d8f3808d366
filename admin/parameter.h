// SPDX-License-Identifier: Apache-2.0
// Parameter: one thing a command must or may be told. What is written into forms, help and errors,
// what is accepted, and what of it goes on record follow from the declaration alone.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answer.h"
#include "base/result.h"
#include "xmpp/jid.h"

namespace admin {

struct Parameter {
  enum class Kind : std::uint8_t {
    account,  // a bare JID of an account here; whether it exists is the command's business
    user,     // a bare JID of somebody, here or elsewhere
    room,     // a room's JID
    domain,   // a domain
    group,    // a group's name (accounts/group_store.h)
    text,     // one line of at most 1,024 bytes
    folder,   // a path of the server's machine; at the command line relative to where it is typed
    integer,  // from `min` to `max`
    choice,   // one of `words`
    secret,   // a password: never recorded, never shown
    lines,    // the text of a file: only its number of lines is recorded
    flag,     // given or not
  };
  std::string_view name;
  Kind kind;
  bool required;  // at the command line: required ones are words in order, others are options
  std::string_view help;
  bool repeated = false;                         // may have several values, all of this kind
  std::span<const std::string_view> words = {};  // choice
  std::int64_t min = 0, max = std::numeric_limits<std::int64_t>::max();  // integer
};

// By parameter name. A flag that is given has the value "true", several values are one a line.
using Arguments = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t repeated_max = 10'000;  // values of one parameter

// What stands for the value in help and usage: "ROOM_JID", "N", "a|b".
std::string placeholder(const Parameter& parameter);

// The arguments as commands get them: each declared, each value of its kind and prepared (JIDs and
// names in their one spelling). The refusal says what to write.
base::Result<Arguments, Refusal> checked(std::string_view command,
                                         std::span<const Parameter> parameters,
                                         const Arguments& given, const std::string& domain);

// As they go on record: secrets by name only, files by their number of lines.
std::string recordable(std::span<const Parameter> parameters, const Arguments& arguments);

// ---- for commands, of arguments that were checked
std::vector<std::string> values(const Arguments& arguments, std::string_view name);
std::string text_or(const Arguments& arguments, std::string_view name, std::string fallback);
std::int64_t integer_or(const Arguments& arguments, std::string_view name, std::int64_t fallback);
xmpp::Jid jid_of(const Arguments& arguments, std::string_view name);

}  // namespace admin
