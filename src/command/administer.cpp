// SPDX-License-Identifier: Apache-2.0
#include "src/command/administer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "admin/account_rules.h"
#include "src/command/cli.h"
#include "src/command/offline.h"
#include "src/command/table.h"
#include "src/command/terminal.h"
#include "src/control/control_client.h"
#include "src/control/control_socket.h"
#include "src/control/json.h"

namespace server {
namespace {

using Problem = std::optional<std::string>;  // a sentence if something is wrong

Problem ask_twice(std::string& password) {
  auto first = ask_password("Password");
  if (!first) return "given up, nothing was done";
  if (const auto usable = admin::prepared_password(*first); !usable) return usable.error();
  const auto second = ask_password("Again");
  if (!second) return "given up, nothing was done";
  if (*first != *second) return "the two passwords differ, nothing was done; try again";
  password = std::move(*first);
  return std::nullopt;
}

// In this order: --password, --password-stdin, the terminal.
Problem fill_password(Typed& typed, std::string_view name) {
  if (typed.arguments.contains(name)) {
    print_error("warning: others can see --password in the process list; --password-stdin is safe");
    return std::nullopt;
  }
  std::string password;
  if (typed.password_stdin) {
    auto line = read_line_from_stdin(admin::password_bytes_max);
    if (!line) return line.error();
    password = std::move(*line);
  } else if (!stdin_is_terminal()) {
    return "no password; give --password-stdin and the password on standard input";
  } else if (auto problem = ask_twice(password)) {
    return problem;
  }
  typed.arguments[std::string(name)] = std::move(password);
  return std::nullopt;
}

Problem read_lines(std::string& name_then_text) {
  const auto name = name_then_text;
  const Descriptor file(name == "-" ? ::dup(STDIN_FILENO)
                                    : ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  std::string text;
  while (file) {
    char buffer[65536];
    const auto n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    if (n == 0) {
      name_then_text = std::move(text);
      return std::nullopt;
    }
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > control_line_max) return name + " is over 16 MiB; split it";
  }
  return name + " cannot be read (" + system_text(errno) + ")";
}

// The server may run elsewhere.
Problem make_absolute(std::string& path) {
  std::error_code failed;
  auto absolute = std::filesystem::absolute(path, failed);
  if (failed || path.empty()) return "'" + path + "' is not the name of a folder";
  path = absolute.lexically_normal().string();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return std::nullopt;
}

Problem fill_in(Typed& typed) {
  for (const auto& parameter : typed.command->parameters) {
    Problem problem;
    if (parameter.kind == admin::Parameter::Kind::secret)
      problem = fill_password(typed, parameter.name);
    else if (parameter.kind == admin::Parameter::Kind::lines &&
             typed.arguments.contains(parameter.name))
      problem = read_lines(typed.arguments[std::string(parameter.name)]);
    else if (parameter.kind == admin::Parameter::Kind::folder &&
             typed.arguments.contains(parameter.name))
      problem = make_absolute(typed.arguments[std::string(parameter.name)]);
    if (problem) return problem;
  }
  return std::nullopt;
}

base::Result<admin::Answer, admin::Refusal> carry_out(const Config& config, const Typed& typed) {
  auto client = ControlClient::connect(config.control_socket());
  if (!client) return base::fail(std::move(client.error()));
  admin::Caller caller{.uid = ::getuid()};
  if (stderr_is_terminal()) caller.progress = show_progress;
  if (*client)
    return (*client)->ask(
        {.command = std::string(typed.command->name), .arguments = typed.arguments},
        caller.progress);
  return run_offline(config, *typed.command, typed.arguments, caller);
}

}  // namespace

void print_error(const std::string& text) { std::fprintf(stderr, "hansard: %s\n", text.c_str()); }

void print_answer(const admin::Answer& answer, Output output) {
  const auto text =
      output == Output::json ? answer_json(answer) + "\n" : answer_text(answer, stdout_colours());
  std::fputs(text.c_str(), stdout);
}

int administer(const Config& config, Typed typed) {
  if (const auto problem = fill_in(typed)) {
    print_error(*problem);
    return exit_failed;
  }
  const auto result = carry_out(config, typed);
  end_progress();
  if (result) {
    print_answer(*result, typed.output);
    return exit_done;
  }
  print_error(result.error().text);
  for (const auto& detail : result.error().details) std::fprintf(stderr, "  %s\n", detail.c_str());
  return result.error().kind == admin::Refusal::Kind::usage ? exit_usage : exit_failed;
}

}  // namespace server
