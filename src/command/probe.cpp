// SPDX-License-Identifier: Apache-2.0
#include "src/command/probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>

#include "probe/passwords.h"
#include "probe/probe.h"
#include "src/command/cli.h"

namespace server {
namespace {

using Problem = std::optional<std::string>;

// host, host:port, [address]:port; an IPv6 address without brackets is all host.
Problem read_host(std::string_view text, probe::Options& options) {
  options.port = options.tls == probe::Tls::direct ? 5223 : 5222;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    options.host = text.substr(1, end == std::string_view::npos ? end : end - 1);
    const auto behind = text.substr(std::min(end, text.size() - 1) + 1);
    if (end == std::string_view::npos || (!behind.empty() && behind.front() != ':'))
      return "HOST has no ']' where one belongs; write [address]:port";
    if (!behind.empty()) port = behind.substr(1);
    if (behind == ":") port = "?";
  } else if (const auto colon = text.find(':');
             colon != std::string_view::npos &&
             text.find(':', colon + 1) == std::string_view::npos) {
    options.host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.empty()) port = "?";
  } else {
    options.host = text;
  }
  if (options.host.empty()) return "HOST is empty; write host or host:port";
  if (port.empty()) return std::nullopt;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (error != std::errc{} || end != port.data() + port.size() || options.port == 0)
    return "the port in HOST is none; write a number from 1 to 65535";
  return std::nullopt;
}

Problem read_user(const std::string& text, const std::string& name, xmpp::Jid& jid) {
  const auto parsed = xmpp::Jid::parse(text);
  if (!parsed || !parsed->has_local() || !parsed->is_bare())
    return name + " is not an account; write user@domain";
  jid = *parsed;
  return std::nullopt;
}

Problem read_passwords(const ProbeWords& words, probe::Options& options) {
  bool readable_by_others = false;
  const auto passwords = probe::read_passwords(words.passwords, readable_by_others);
  if (!passwords) return passwords.error();
  if (readable_by_others)
    print_error("warning: others can read " + words.passwords + "; chmod 600 it");
  for (auto* user : {&options.first, &options.second}) {
    const auto* password = passwords->find(user->jid);
    if (!password)
      return words.passwords + " has no line for " + user->jid.str() + "; add `" + user->jid.str() +
             " PASSWORD`";
    user->password = *password;
  }
  if (const auto* password = passwords->find(options.room)) options.room_password = *password;
  return std::nullopt;
}

Problem read_ca_file(const ProbeWords& words, probe::Options& options) {
  if (words.ca_file.empty()) return std::nullopt;
  if (options.tls == probe::Tls::none)
    return "--ca-file says nothing with --tls none; leave one out";
  std::ifstream file(words.ca_file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return words.ca_file + " cannot be read or holds no certificate; give one in PEM";
  options.ca_file = words.ca_file;
  return std::nullopt;
}

Problem read_words(const ProbeWords& words, probe::Options& options) {
  options.tls = words.tls == "direct" ? probe::Tls::direct
                : words.tls == "none" ? probe::Tls::none
                                      : probe::Tls::starttls;
  options.insecure = words.insecure;
  options.timeout = base::seconds(words.timeout);
  options.step_timeout = base::seconds(words.step_timeout);
  if (auto problem = read_host(words.host, options)) return problem;
  if (auto problem = read_user(words.user1, "--user1", options.first.jid)) return problem;
  if (auto problem = read_user(words.user2, "--user2", options.second.jid)) return problem;
  if (options.first.jid == options.second.jid)
    return "--user1 and --user2 are the same account; give two";
  const auto room = xmpp::Jid::parse(words.room);
  if (!room || !room->has_local() || !room->is_bare())
    return "--room is not a room; write room@service";
  options.room = *room;
  if (auto problem = read_ca_file(words, options)) return problem;
  return read_passwords(words, options);
}

std::string_view word(probe::Step::Result result) {
  switch (result) {
    case probe::Step::Result::ok:
      return "ok";
    case probe::Step::Result::failed:
      return "failed";
    case probe::Step::Result::skipped:
      break;
  }
  return "skipped";
}

std::string milliseconds(base::Micros took) {
  return fmt::format("{:.1f} ms", static_cast<double>(took) / 1000);
}

admin::Answer for_people(const probe::Options& options, const probe::Report& report) {
  admin::Table table{.name = "steps", .columns = {"step", "result", "time"}};
  for (const auto& step : report.steps)
    table.rows.push_back(
        {step.what, std::string(word(step.result)),
         step.result == probe::Step::Result::skipped ? "" : milliseconds(step.took)});
  const auto& room = options.room.str();
  auto text = report.ok() ? fmt::format("{} serves {}: all steps went well in {}", options.host,
                                        room, milliseconds(report.took))
                          : fmt::format("{} does not serve {}", options.host, room);
  if (report.ok() && report.room_made && report.room_left.empty())
    text += "; the room was made for it and is removed again";
  return {.text = std::move(text), .tables = {std::move(table)}};
}

admin::Answer for_programs(const probe::Options& options, const probe::Report& report) {
  admin::Table table{.name = "steps",
                     .columns = {"step", "description", "result", "microseconds", "error"}};
  for (const auto& step : report.steps)
    table.rows.push_back(
        {std::string(step.name), step.what, std::string(word(step.result)), step.took, step.error});
  const auto* failed = report.failed();
  return {.text = "",
          .fields = {{"ok", report.ok()},
                     {"host", options.host},
                     {"port", std::int64_t{options.port}},
                     {"room", options.room.str()},
                     {"room_made", report.room_made},
                     {"room_left", !report.room_left.empty()},
                     {"microseconds", report.took},
                     {"failed_step", std::string(failed ? failed->name : "")},
                     {"error", failed ? failed->error : ""}},
          .tables = {std::move(table)}};
}

}  // namespace

int run_probe(const ProbeWords& words) {
  probe::Options options;
  if (const auto problem = read_words(words, options)) {
    print_error(*problem);
    return exit_usage;
  }
  if (options.tls == probe::Tls::none)
    print_error("warning: without TLS everybody on the way can read the passwords");
  else if (options.insecure)
    print_error(
        "warning: with --insecure whoever is in between can read the passwords; "
        "it is meant for loopback");
  const auto report = probe::run(options);
  print_answer(
      words.output == Output::json ? for_programs(options, report) : for_people(options, report),
      words.output);
  if (!report.room_left.empty()) print_error("warning: " + report.room_left);
  if (report.ok()) return exit_done;
  if (const auto* failed = report.failed())
    print_error(std::string(failed->name) + " (" + failed->what + "): " + failed->error);
  return exit_failed;
}

}  // namespace server
