// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/script.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tests {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Takes `prefix` off the front if it is there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  text = trim(text);
  return true;
}

bool take_end(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  text = trim(text);
  return true;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Parser {
 public:
  Parser(Script& script, std::string folder) : script_(script), folder_(std::move(folder)) {}

  void parse(const std::string& file, std::string_view text) {
    std::vector<std::string> lines;
    std::istringstream stream{std::string(text)};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    for (std::size_t i = 0; i < lines.size();) {
      where_ = file + ":" + std::to_string(i + 1);
      const std::string_view line = trim(lines[i++]);
      std::string block;
      while (i < lines.size() && indented(lines[i])) block += lines[i++] + "\n";
      take_line(line, block);
    }
  }

 private:
  static bool indented(const std::string& line) {
    return !line.empty() && (line[0] == ' ' || line[0] == '\t');
  }

  void take_line(std::string_view line, const std::string& block) {
    if (line.empty() || line.find_first_not_of('-') == std::string_view::npos) return;
    if (take(line, "#")) {
      if (script_.title.empty()) script_.title = line;
    } else if (take(line, "[Client]")) {
      client(std::string(line), block);
    } else if (take(line, "include:")) {
      const std::string name(line);
      const std::string outer = where_;
      parse(name, read_file(folder_ + "/" + name + ".scs"));
      where_ = outer;
    } else if (take(line, "set:")) {
      const auto equals = line.find('=');
      if (equals == std::string_view::npos) wrong("set: name = value");
      add({.kind = Step::Kind::set,
           .text = std::string(trim(line.substr(0, equals))),
           .value = std::string(trim(line.substr(equals + 1)))});
    } else if (take(line, "after ")) {
      script_.memory_only = true;
      add({.kind = Step::Kind::after, .delay = delay(line)});
    } else if (take(line, "!")) {
      script_.memory_only = true;
      add({.kind = Step::Kind::command, .text = std::string(line)});
    } else {
      action(line, block);
    }
  }

  void client(const std::string& name, const std::string& block) {
    Client& c = declare(name);
    std::istringstream stream(block);
    for (std::string raw; std::getline(stream, raw);) {
      std::string_view line = trim(raw);
      if (!take(line, "jid:")) continue;
      const auto at = line.find('@');
      const auto slash = line.find('/');
      c.local = line.substr(0, at);
      if (slash != std::string_view::npos) c.resource = line.substr(slash + 1);
    }
  }

  Client& declare(const std::string& name) {
    for (auto& c : script_.clients)
      if (c.name == name) return c;
    return script_.clients.emplace_back(Client{name, lower(name), lower(name)});
  }

  void action(std::string_view line, const std::string& block) {
    using Kind = Step::Kind;
    static constexpr std::pair<std::string_view, Kind> verbs[] = {
        {" connects", Kind::connect},
        {" disconnects", Kind::disconnect},
        {" receives nothing", Kind::receive_nothing},
        {" receives exactly:", Kind::receive_exactly},
        {" receives in any order:", Kind::receive_any_order},
        {" receives:", Kind::receive},
        {" sends:", Kind::send},
    };
    for (const auto& [verb, kind] : verbs) {
      if (!take_end(line, verb)) continue;
      const bool wants_xml = verb.back() == ':';
      if (wants_xml == block.empty()) wrong("XML is missing, or too much");
      declare(std::string(line));
      return add({.kind = kind, .who = std::string(line), .text = block});
    }
    wrong("not understood: " + std::string(line));
  }

  base::Micros delay(std::string_view text) const {
    std::istringstream stream{std::string(text)};
    std::int64_t n = 0;
    std::string unit;
    stream >> n >> unit;
    if (unit.starts_with("second")) return base::seconds(n);
    if (unit.starts_with("minute")) return base::minutes(n);
    if (unit.starts_with("hour")) return base::minutes(60 * n);
    if (unit.starts_with("day")) return base::minutes(60 * 24 * n);
    wrong("after N seconds|minutes|hours|days");
  }

  void add(Step step) {
    step.where = where_;
    script_.steps.push_back(std::move(step));
  }

  [[noreturn]] void wrong(const std::string& what) const {
    throw std::runtime_error(where_ + ": " + what);
  }

  Script& script_;
  std::string folder_;
  std::string where_;
};

}  // namespace

Script parse_script(std::string_view name, std::string_view text, const std::string& folder) {
  Script script;
  script.name = name;
  Parser(script, folder).parse(script.name, text);
  return script;
}

Script read_script(const std::string& path) {
  const std::filesystem::path file(path);
  return parse_script(file.stem().string(), read_file(path), file.parent_path().string());
}

std::vector<std::string> find_scripts(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".scs" && entry.path().filename().string()[0] != '_')
      found.push_back(entry.path().string());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace tests
