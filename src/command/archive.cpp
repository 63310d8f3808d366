// SPDX-License-Identifier: Apache-2.0
#include "src/command/archive.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>

#include "compliance/tree/keys.h"
#include "compliance/tree/note.h"
#include "compliance/verify/archive.h"
#include "compliance/verify/export.h"
#include "record/json.h"
#include "src/archive/desk.h"
#include "src/command/cli.h"
#include "src/command/terminal.h"

namespace server {
namespace {

using Keys = std::vector<compliance::NoteKey>;

std::optional<std::string> contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The error is a sentence.
base::Result<Keys, std::string> read_keys(const std::vector<std::string>& words) {
  Keys keys;
  for (const auto& word : words) {
    if (const auto key = compliance::NoteKey::parse(word)) {
      keys.push_back(*key);
      continue;
    }
    const auto text = contents(word);
    if (!text)
      return base::fail("'" + word +
                        "' is neither a key, as `hansard archive key` prints it, nor a "
                        "file of them");
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
      if (line.empty()) continue;
      const auto key = compliance::NoteKey::parse(line);
      if (!key) return base::fail(word + " has a line that is no key: " + line.substr(0, 100));
      keys.push_back(*key);
    }
  }
  return keys;
}

void print_finding(const compliance::Finding& finding, Output output) {
  if (output == Output::json) {
    std::puts(finding.json().c_str());
    return;
  }
  std::string line(name(finding.kind));
  if (finding.seq) line += " seq=" + std::to_string(*finding.seq);
  if (!finding.where.empty()) line += " (" + finding.where + ")";
  line += ": " + finding.text + (finding.information ? " [information]" : "");
  std::puts(line.c_str());
}

void print_verdict(const compliance::Verified& done, const compliance::Report& report,
                   Output output) {
  const auto root = base::base64(base::as_chars(done.root));
  if (output == Output::json) {
    record::json::Object line;
    line.boolean("clean", report.clean());
    line.integer("findings", report.findings());
    line.integer("information", report.information());
    line.integer("events", done.events);
    line.integer("parts", done.parts);
    line.integer("checkpoints", done.checkpoints);
    line.integer("sources", done.sources);
    line.integer("size", done.size);
    line.integer("signed_to", done.signed_to);
    line.text("root", root);
    std::puts(line.end().c_str());
    return;
  }
  std::printf(
      "%s: %lld events with %lld parts, %lld checkpoints, signed to %lld of %lld\nroot %s\n",
      report.clean() ? "OK" : (std::to_string(report.findings()) + " findings").c_str(),
      static_cast<long long>(done.events), static_cast<long long>(done.parts),
      static_cast<long long>(done.checkpoints), static_cast<long long>(done.signed_to),
      static_cast<long long>(done.size), root.c_str());
}

bool shows_progress(std::int64_t done, std::int64_t total) {
  if (stderr_is_terminal())
    show_progress(static_cast<std::size_t>(done), static_cast<std::size_t>(total));
  return true;
}

// A file that the server appends to, or one note alone, as an export has it.
std::vector<std::string> notes_of(const std::string& text) {
  if (compliance::Note::parse(text)) return {text};
  return compliance::notes_in(text);
}

int conclude(const base::Result<compliance::Verified, std::string>& done,
             const compliance::Report& report, Output output) {
  end_progress();
  if (!done) {
    print_error("it cannot be decided: " + done.error());
    return verify_unknown;
  }
  print_verdict(*done, report, output);
  return report.clean() ? verify_clean : verify_findings;
}

}  // namespace

int verify_export(const VerifyWords& words) {
  const auto keys = read_keys(words.keys);
  if (!keys) {
    print_error(keys.error());
    return verify_usage;
  }
  if (keys->empty()) {
    print_error(
        "say with --key by which key: the archive's operator prints it with `hansard archive key`; "
        "the one in the folder proves nothing");
    return verify_usage;
  }
  compliance::Report report([&](const auto& finding) {
    end_progress();
    print_finding(finding, words.output);
  });
  const auto done = compliance::verify_folder(words.folder, *keys, report, shows_progress);
  return conclude(done, report, words.output);
}

int verify_database(const Config& config, const VerifyWords& words) {
  compliance::VerifyArchive what;
  auto keys = read_keys(words.keys);
  if (!keys) {
    print_error(keys.error());
    return verify_usage;
  }
  Desk desk(config, nullptr);
  auto archive = desk.reader();
  if (!archive) {
    print_error(archive.error());
    return verify_unknown;
  }
  const auto id = (*archive)->id();
  if (keys->empty() && id) {
    auto own = desk.keys(*id);
    if (!own) {
      print_error(own.error());
      return verify_unknown;
    }
    keys = *std::move(own);
    if (words.output == Output::table)
      print_error("by the keys in " + config.data_dir +
                  "; who could change the archive could change these: with --key and a copy kept "
                  "elsewhere it means more");
  }
  what.keys = *std::move(keys);
  auto files = words.checkpoints;
  const bool given = !files.empty();
  if (!given) files.push_back(desk.published());
  for (const auto& file : files) {
    const auto text = contents(file);
    if (!text && given) {
      print_error(file + " cannot be read");
      return verify_usage;
    }
    if (!text) continue;
    auto notes = notes_of(*text);
    if (notes.empty() && given) {
      print_error("there is no checkpoint in " + file);
      return verify_usage;
    }
    std::ranges::move(notes, std::back_inserter(what.outside));
  }
  what.go_on = shows_progress;
  compliance::Report report([&](const auto& finding) {
    end_progress();
    print_finding(finding, words.output);
  });
  return conclude(compliance::verify_archive(**archive, what, report), report, words.output);
}

int run_key(const Config& config, bool rotate, Output output) {
  Desk desk(config, nullptr);
  auto archive = desk.reader();
  if (!archive) {
    print_error(archive.error());
    return exit_failed;
  }
  const auto id = (*archive)->id();
  if (!id) {
    print_error("the archive cannot be read: " + (*archive)->last_error());
    return exit_failed;
  }
  if (rotate) {
    if (const auto made = compliance::rotate_key(config.data_dir); !made) {
      print_error(made.error());
      return exit_failed;
    }
    print_error("the new key signs from the next start of the server on");
  }
  const auto keys = desk.keys(*id);
  if (!keys) {
    print_error(keys.error());
    return exit_failed;
  }
  record::json::Array list;
  for (const auto& key : *keys) {
    if (output == Output::json)
      list.text(key.text());
    else
      std::puts(key.text().c_str());
  }
  if (output == Output::json) std::puts(("{\"keys\":" + list.end() + "}").c_str());
  return exit_done;
}

}  // namespace server
