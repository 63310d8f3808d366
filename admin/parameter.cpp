// SPDX-License-Identifier: Apache-2.0
#include "admin/parameter.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "accounts/group_store.h"
#include "admin/account_rules.h"
#include "base/check.h"
#include "base/utf8.h"

namespace admin {
namespace {

using Kind = Parameter::Kind;
using Checked = base::Result<std::string, Refusal>;

constexpr std::size_t text_bytes_max = 1024;
constexpr std::size_t recorded_bytes_max = 3071;  // of one value: a JID fits

base::Failure<Refusal> usage(std::string text) {
  return base::fail(Refusal{.kind = Refusal::Kind::usage, .text = std::move(text)});
}

base::Failure<Refusal> unlike(std::string_view value, const char* what) {
  return usage("'" + std::string(value.substr(0, 100)) + "' is not " + what);
}

Checked user(std::string_view value) {
  const auto jid = xmpp::Jid::parse(value);
  if (!jid || !jid->is_bare() || !jid->has_local())
    return unlike(value, "somebody's JID; write user@domain");
  return jid->str();
}

Checked room(std::string_view value) {
  const auto jid = xmpp::Jid::parse(value);
  if (!jid || !jid->is_bare() || !jid->has_local())
    return unlike(value, "a room's JID; write room@service");
  return jid->str();
}

Checked domain_name(std::string_view value) {
  auto domain = xmpp::prepare_domain(value);
  if (!domain) return unlike(value, "a domain; write one as in chat.example.org");
  return std::move(*domain);
}

Checked group(std::string_view value) {
  auto name = accounts::prepare_group_name(value);
  if (!name)
    return unlike(value,
                  "a group's name; it has at most 64 bytes, no spaces, none of \"&'/:<>@, does not "
                  "begin with - or +, and is not 'everyone'");
  return std::move(*name);
}

Checked line(std::string_view name, std::string_view value) {
  const bool control = std::any_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (control || value.size() > text_bytes_max || !base::is_utf8(value))
    return usage(std::string(name) + " is one line of at most 1024 bytes");
  return std::string(value);
}

Checked integer(const Parameter& parameter, std::string_view value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < parameter.min ||
      number > parameter.max)
    return usage(std::string(parameter.name) + " is a number from " +
                 std::to_string(parameter.min) + " to " + std::to_string(parameter.max) +
                 ", not '" + std::string(value.substr(0, 100)) + "'");
  return std::to_string(number);
}

std::string alternatives(std::span<const std::string_view> words, const char* between) {
  std::string all;
  for (const auto word : words) all += (all.empty() ? "" : between) + std::string(word);
  return all;
}

Checked choice(const Parameter& parameter, std::string_view value) {
  if (std::find(parameter.words.begin(), parameter.words.end(), value) == parameter.words.end())
    return usage(std::string(parameter.name) + " is one of " + alternatives(parameter.words, ", ") +
                 ", not '" + std::string(value.substr(0, 100)) + "'");
  return std::string(value);
}

Checked account(std::string_view value, const std::string& domain) {
  auto jid = account_jid(value, domain);
  if (!jid) return base::fail(std::move(jid.error()));
  return jid->str();
}

Checked one(const Parameter& parameter, std::string_view value, const std::string& domain) {
  switch (parameter.kind) {
    case Kind::account:
      return account(value, domain);
    case Kind::user:
      return user(value);
    case Kind::room:
      return room(value);
    case Kind::domain:
      return domain_name(value);
    case Kind::group:
      return group(value);
    case Kind::text:
    case Kind::folder:
      return line(parameter.name, value);
    case Kind::integer:
      return integer(parameter, value);
    case Kind::choice:
      return choice(parameter, value);
    case Kind::flag:
      if (value != "true") return usage("--" + std::string(parameter.name) + " takes no value");
      return std::string(value);
    case Kind::secret:
    case Kind::lines:
      return std::string(value);
  }
  return std::string(value);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Each value once, in the order given.
Checked several(const Parameter& parameter, std::string_view text, const std::string& domain) {
  std::string all;
  std::set<std::string> seen;
  for (const auto& value : lines_of(text)) {
    auto prepared = one(parameter, value, domain);
    if (!prepared) return prepared;
    if (seen.contains(*prepared)) continue;
    if (seen.size() == repeated_max)
      return usage("at most " + std::to_string(repeated_max) + " values of " +
                   std::string(parameter.name) + " at a time");
    all += (all.empty() ? "" : "\n") + *prepared;
    seen.insert(std::move(*prepared));
  }
  if (seen.empty()) return usage(std::string(parameter.name) + " is empty; give at least one");
  return all;
}

std::string upper_case(std::string_view word) {
  std::string out(word);
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

}  // namespace

std::string placeholder(const Parameter& parameter) {
  switch (parameter.kind) {
    case Kind::account:
    case Kind::user:
      return "JID";
    case Kind::room:
      return "ROOM_JID";
    case Kind::group:
      return "NAME";
    case Kind::secret:
      return "PW";
    case Kind::integer:
      return "N";
    case Kind::choice:
      return alternatives(parameter.words, "|");
    case Kind::domain:
      return "DOMAIN";
    case Kind::folder:
      return "DIR";
    case Kind::text:
    case Kind::lines:
    case Kind::flag:
      break;
  }
  return upper_case(parameter.name);
}

base::Result<Arguments, Refusal> checked(std::string_view command,
                                         std::span<const Parameter> parameters,
                                         const Arguments& given, const std::string& domain) {
  const auto quoted = "'" + std::string(command) + "'";
  for (const auto& [name, value] : given)
    if (std::none_of(parameters.begin(), parameters.end(),
                     [&name = name](const Parameter& p) { return p.name == name; }))
      return usage(quoted + " does not take '" + name + "'");
  Arguments all;
  for (const auto& parameter : parameters) {
    const auto found = given.find(parameter.name);
    if (found == given.end()) {
      if (parameter.required) return usage(quoted + " needs " + std::string(parameter.name));
      continue;
    }
    auto value = parameter.repeated ? several(parameter, found->second, domain)
                                    : one(parameter, found->second, domain);
    if (!value) return base::fail(std::move(value.error()));
    all.emplace(parameter.name, std::move(*value));
  }
  return all;
}

std::string recordable(std::span<const Parameter> parameters, const Arguments& arguments) {
  std::string all;
  for (const auto& parameter : parameters) {
    const auto found = arguments.find(parameter.name);
    if (found == arguments.end()) continue;
    all += (all.empty() ? "" : " ") + std::string(parameter.name);
    const auto& value = found->second;
    if (parameter.kind == Kind::lines)
      all += "=" + std::to_string(std::count(value.begin(), value.end(), '\n')) + " lines";
    else if (parameter.repeated && value.size() > recorded_bytes_max)
      all += "=" + std::to_string(lines_of(value).size()) + " values";
    else if (parameter.kind != Kind::secret && parameter.kind != Kind::flag)
      all += "=" + value;
  }
  std::replace(all.begin(), all.end(), '\n', ',');
  return all;
}

std::vector<std::string> values(const Arguments& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::vector<std::string>{} : lines_of(found->second);
}

std::string text_or(const Arguments& arguments, std::string_view name, std::string fallback) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::move(fallback) : found->second;
}

std::int64_t integer_or(const Arguments& arguments, std::string_view name, std::int64_t fallback) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) return fallback;
  std::int64_t number = fallback;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

xmpp::Jid jid_of(const Arguments& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  CHECK(found != arguments.end());
  auto jid = xmpp::Jid::parse(found->second);
  CHECK(jid);
  return std::move(*jid);
}

}  // namespace admin
