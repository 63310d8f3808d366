// SPDX-License-Identifier: Apache-2.0
// The only user of CLI11.
#include "src/command/cli.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "admin/commands.h"
#include "muc/feature_table.h"
#include "record/codes.h"
#include "src/command/administer.h"
#include "src/command/archive.h"
#include "src/command/archive_roles.h"
#include "src/command/arguments.h"
#include "src/command/check.h"
#include "src/command/probe.h"
#include "src/config/options.h"
#include "src/server.h"
#include "src/version.h"

namespace server {
namespace {

// What the options of all commands are read into; only one command runs.
struct Options {
  std::string config_file, data_dir;
  base::LogFormat log_format = base::LogFormat::text;
  bool json = false;
  Typed typed;
  std::function<int(const Config&)> run;  // the command that was asked for
  bool check = false;                     // a wrong configuration is its finding, not its failure
  ProbeWords probe;
  ArchiveRolesWords archive_roles;
  VerifyWords verify;
  bool rotate = false;
  std::function<int()> alone;  // needs no configuration
};

void common_options(CLI::App& command, Options& options) {
  command
      .add_option("-c,--config", options.config_file, "configuration (default: none, all defaults)")
      ->type_name("FILE");
  command.add_option("-d,--data-dir", options.data_dir, "data directory (default: ./hansard-data)")
      ->type_name("DATA_DIR");
}

void json_option(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json, "print JSON for programs");
}

Output output(const Options& options) { return options.json ? Output::json : Output::table; }

void add_serve(CLI::App& app, Options& options) {
  auto& serve_command = *app.add_subcommand("serve", "runs the server in the foreground");
  common_options(serve_command, options);
  const std::map<std::string, base::LogFormat> formats = {{"text", base::LogFormat::text},
                                                          {"json", base::LogFormat::json}};
  serve_command
      .add_option("--log-format", options.log_format, "text for people, json for machines")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("text|json");
  serve_command.callback([&options] {
    options.run = [&options](const Config& config) { return serve(config, options.log_format); };
  });
}

int run_check(const Config& config, Output how) {
  const auto report = check(config, base::SystemClock().wall());
  print_answer(report.answer, how);
  if (report.wrong == 0) return exit_done;
  print_error(std::to_string(report.wrong) +
              " of these would keep the server from running well; "
              "correct what is marked wrong");
  return exit_failed;
}

void add_check(CLI::App& app, Options& options) {
  auto& command = *app.add_subcommand(
      "check",
      "looks whether the server could run: configuration, databases, certificate, listeners");
  common_options(command, options);
  json_option(command, options);
  command.callback([&options] {
    options.check = true;
    options.run = [&options](const Config& config) { return run_check(config, output(options)); };
  });
}

void add_probe(CLI::App& app, Options& options) {
  auto& command = *app.add_subcommand(
      "probe", "tries any XMPP server as two people would: log in, meet in a room, talk, leave");
  auto& words = options.probe;
  command
      .add_option("host", words.host, "host or host:port (default port 5222, or 5223 for direct)")
      ->required()
      ->type_name("HOST");
  command.add_option("--user1", words.user1, "the first account")->required()->type_name("JID");
  command.add_option("--user2", words.user2, "the second account")->required()->type_name("JID");
  command
      .add_option("--passwords", words.passwords,
                  "file with a line `JID PASSWORD` for each (mode 0600; - is standard input); the "
                  "room's JID too if it has a password")
      ->required()
      ->type_name("FILE");
  command
      .add_option(
          "--room", words.room,
          "where they meet and leave two messages; made if it is not there, and then removed")
      ->required()
      ->type_name("ROOM_JID");
  command.add_option("--tls", words.tls, "how to encrypt (default: starttls)")
      ->transform(CLI::IsMember({"starttls", "direct", "none"}).description(""))
      ->type_name("starttls|direct|none");
  auto* ca_file =
      command.add_option("--ca-file", words.ca_file, "trust these certificates too (PEM)");
  ca_file->type_name("FILE");
  command.add_flag("--insecure", words.insecure, "trust any certificate; for loopback")
      ->excludes(ca_file);
  command.add_option("--timeout", words.timeout, "for all steps (default: 60)")
      ->transform(CLI::Range(1, 3600).description(""))
      ->type_name("SECONDS");
  command.add_option("--step-timeout", words.step_timeout, "for each step (default: 10)")
      ->transform(CLI::Range(1, 3600).description(""))
      ->type_name("SECONDS");
  json_option(command, options);
  common_options(command, options);  // as every command has them; a probe needs neither
  command.callback([&options] {
    options.alone = [&options] {
      options.probe.output = output(options);
      return run_probe(options.probe);
    };
  });
}

// For script/generate: what is made from the table of options, the list of features and the
// codes of events.
void add_print(CLI::App& app, Options& options) {
  auto& command = *app.add_subcommand("print", "")->group("");
  command.require_subcommand(1);
  command.add_subcommand("config", "hansard.toml with every default")->callback([&options] {
    options.alone = [] { return std::fputs(sample_config().c_str(), stdout) < 0 ? 1 : 0; };
  });
  command.add_subcommand("man", "hansard.toml(5) in scdoc's format")->callback([&options] {
    options.alone = [] { return std::fputs(config_man_page().c_str(), stdout) < 0 ? 1 : 0; };
  });
  command.add_subcommand("xeps", "docs/xeps.md")->callback([&options] {
    options.alone = [] { return std::fputs(muc::feature_table().c_str(), stdout) < 0 ? 1 : 0; };
  });
  command.add_subcommand("events", "docs/archive-format.md, given, with the table of events")
      ->callback([&options] {
        options.alone = [] {
          const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
          return std::fputs(record::with_event_table(text).c_str(), stdout) < 0 ? 1 : 0;
        };
      });
}

void add_parameter(CLI::App& leaf, const admin::Parameter& parameter, Options& options) {
  const std::string name(parameter.name), help(parameter.help);
  // Several values are one a line.
  const auto store = [&options, name](const std::string& value) {
    auto& all = options.typed.arguments[name];
    all += (all.empty() ? "" : "\n") + value;
  };
  using Kind = admin::Parameter::Kind;
  if (parameter.kind == Kind::flag) {
    leaf.add_flag_callback(
        "--" + name, [store] { store("true"); }, help);
    return;
  }
  if (parameter.kind == Kind::secret) {
    auto* given = leaf.add_option_function<std::string>("--" + name, store, help);
    given->type_name(admin::placeholder(parameter));
    leaf.add_flag("--" + name + "-stdin", options.typed.password_stdin,
                  "read it from standard input")
        ->excludes(given);
    return;
  }
  const auto word = parameter.required ? name : "--" + name;
  CLI::Option* given = nullptr;
  if (parameter.repeated)
    given = leaf.add_option_function<std::vector<std::string>>(
        word,
        [store](const std::vector<std::string>& all) {
          for (const auto& value : all) store(value);
        },
        help);
  else
    given = leaf.add_option_function<std::string>(word, store, help);
  given->required(parameter.required)->type_name(admin::placeholder(parameter));
}

// The subcommand for "user add" stands below the one for "user".
CLI::App& subcommand_for(CLI::App& app, std::string_view name, const std::string& help) {
  const auto space = name.find(' ');
  if (space == std::string_view::npos) return *app.add_subcommand(std::string(name), help);
  const std::string first(name.substr(0, space));
  const auto known =
      app.get_subcommands([&](const CLI::App* command) { return command->get_name() == first; });
  auto* parent =
      known.empty() ? app.add_subcommand(first, std::string(admin::about(first))) : known.front();
  parent->require_subcommand(1);
  return subcommand_for(*parent, name.substr(space + 1), help);
}

void add_archive_roles(CLI::App& app, Options& options) {
  auto& command = subcommand_for(
      app, "archive roles", "gives roles of PostgreSQL their rights in the archive, and no others");
  auto& words = options.archive_roles;
  auto* owner = command.add_option("--owner", words.owner, "the archive, as the role that owns it");
  owner->type_name("URL");
  auto* file =
      command.add_option("--owner-file", words.owner_file, "file whose first line that is");
  file->type_name("FILE")->excludes(owner);
  command.add_option("--writer", words.roles.writer, "may add events: the server's")
      ->type_name("ROLE");
  command.add_option("--reader", words.roles.reader, "may read")->type_name("ROLE");
  command.add_option("--retention", words.roles.retention, "may erase single parts")
      ->type_name("ROLE");
  json_option(command, options);
  common_options(command, options);  // as every command has them; this one needs neither
  command.callback([&options] {
    if (options.archive_roles.owner.empty() && options.archive_roles.owner_file.empty())
      throw CLI::RequiredError("--owner or --owner-file");
    options.alone = [&options] {
      options.archive_roles.output = output(options);
      return run_archive_roles(options.archive_roles);
    };
  });
}

void add_admin(CLI::App& app, const admin::Command& command, Options& options) {
  auto& leaf = subcommand_for(app, command.name, std::string(command.help));
  common_options(leaf, options);
  json_option(leaf, options);
  for (const auto& parameter : command.parameters) add_parameter(leaf, parameter, options);
  leaf.callback([&options, &command] {
    options.typed.command = &command;
    options.run = [&options](const Config& config) {
      options.typed.output = output(options);
      return administer(config, std::move(options.typed));
    };
  });
}

void add_verify(CLI::App& app, Options& options) {
  auto& command = subcommand_for(
      app, "archive verify",
      "recomputes everything: leaves, parts, chains, the tree, its checkpoints; names what does "
      "not fit (exit code 0 clean, 1 findings, 3 cannot be decided)");
  auto& words = options.verify;
  command
      .add_option("--export", words.folder,
                  "the folder of an export or of a proof, rather than the archive; needs --key and "
                  "nothing else of the server")
      ->type_name("DIR");
  command
      .add_option("--key", words.keys,
                  "a public key, or a file of them (default: the archive's own; may be repeated)")
      ->type_name("KEY");
  command
      .add_option("--checkpoints", words.checkpoints,
                  "a file of checkpoints that was kept elsewhere (default: where they are "
                  "published; may be repeated)")
      ->type_name("FILE");
  common_options(command, options);
  json_option(command, options);
  command.callback([&options] {
    options.verify.output = output(options);
    options.run = [&options](const Config& config) {
      return verify_database(config, options.verify);
    };
    if (!options.verify.folder.empty())
      options.alone = [&options] { return verify_export(options.verify); };
  });
}

void add_key(CLI::App& app, Options& options) {
  auto& command = subcommand_for(
      app, "archive key", "prints the public keys that check the archive, the current one first");
  command.add_flag("--rotate", options.rotate,
                   "makes a new key for the next start of the server; the one before signs its "
                   "first checkpoint too");
  common_options(command, options);
  json_option(command, options);
  command.callback([&options] {
    options.run = [&options](const Config& config) {
      return run_key(config, options.rotate, output(options));
    };
  });
}

int run(const Options& options) {
  if (options.alone) return options.alone();
  const auto config = read_config(options.config_file, options.data_dir);
  if (config) return options.run(*config);
  // What only the server can answer, it answers whatever the file says now: that is what `reload`
  // is asked for.
  const auto* command = options.typed.command;
  if (command != nullptr && command->where == admin::Where::server)
    if (const auto data_dir = read_data_dir(options.config_file, options.data_dir)) {
      Config nearly;
      nearly.data_dir = *data_dir;
      return options.run(nearly);
    }
  for (const auto& problem : config.error()) print_error(problem);
  return options.check || command == &admin::reload ? exit_failed : exit_configuration;
}

// CLI11 says what is wrong; we add what to do.
int usage(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    app.exit(error);
    return exit_done;
  }
  std::string words = app.get_name();
  const auto* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    words += " " + at->get_name();
  }
  const auto left = at->remaining();
  std::string what = error.what();
  // Where a command was expected, a word that is none is the better explanation.
  if (at->get_require_subcommand_min() > 0)
    what = left.empty() ? "say what to do" : "there is no command '" + left.front() + "'";
  print_error(what + "; see `" + words + " --help`");
  return exit_usage;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  if (const auto refusal = refuse_arguments(words)) {
    print_error(*refusal);
    return exit_usage;
  }
  Options options;
  CLI::App app("Persistent XMPP chat rooms with a durable record of everything", "hansard");
  app.set_version_flag("--version", std::string("hansard ") + version);
  app.require_subcommand(1);
  add_serve(app, options);
  add_check(app, options);
  add_probe(app, options);
  for (const auto* command : admin::commands()) add_admin(app, *command, options);
  add_archive_roles(app, options);
  add_verify(app, options);
  add_key(app, options);
  add_print(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage(app, error);
  }
  blank_out(words, "--password");
  blank_out(words, "--owner");
  return run(options);
}

}  // namespace server
