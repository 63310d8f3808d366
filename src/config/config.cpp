// SPDX-License-Identifier: Apache-2.0
// The only user of toml++.
#include "src/config/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "src/config/config_file.h"
#include "src/config/config_rules.h"
#include "src/config/options.h"

namespace server {
namespace {

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 100))
    out += (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) ? '?' : c;
  return out;
}

std::string place(const toml::source_position& at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
}

// Fills a Config from a parsed file and collects every problem, so that one run shows them all.
class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  base::Result<Config, ConfigProblems> read(const toml::table& file) {
    read_section(file, "");
    if (!where_.contains("admins")) config_.admins.clear();
    // The rules speak of whole values; with a key misread they would only repeat it.
    if (problems_.empty())
      for (const auto& broken : apply_rules(config_)) report(broken);
    if (!where_.contains("admins")) config_.admins = {"admin@" + config_.domain};
    if (!problems_.empty()) return base::fail(sorted_problems());
    return std::move(config_);
  }

 private:
  struct Problem {
    toml::source_position at;
    std::string text;
  };

  void problem(const toml::source_position& at, const std::string& text) {
    problems_.push_back({at, name_ + ":" + place(at) + text});
  }

  void report(const BrokenRule& broken) {
    const auto found = where_.find(broken.key);
    const auto text = broken.key + " " + broken.reason;
    if (found != where_.end()) return problem(found->second, text);
    problems_.push_back({{}, name_ + ": " + text});
  }

  // In the order of the file.
  ConfigProblems sorted_problems() {
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) { return a.at < b.at; });
    ConfigProblems texts;
    for (auto& problem : problems_) texts.push_back(std::move(problem.text));
    return texts;
  }

  void read_section(const toml::table& table, std::string_view section) {
    for (const auto& [key, node] : table) {
      const auto option = std::find_if(options().begin(), options().end(), [&](const Option& o) {
        return o.section == section && o.key == key.str();
      });
      if (option != options().end())
        read_option(*option, key.source().begin, node);
      else if (section.empty() && key.str() == "component")
        read_components(key, node);
      else if (section.empty() && is_section(key.str()))
        read_subtable(key, node);
      else
        unknown(key, section);
    }
  }

  static bool is_section(std::string_view name) {
    return std::any_of(options().begin(), options().end(),
                       [&](const Option& o) { return o.section == name; });
  }

  void read_subtable(const toml::key& key, const toml::node& node) {
    if (const auto* table = node.as_table())
      read_section(*table, key.str());
    else
      problem(key.source().begin, "'" + std::string(key.str()) + "' is a section; write [" +
                                      std::string(key.str()) + "] on a line of its own");
  }

  void unknown(const toml::key& key, std::string_view section) {
    const auto name = std::string(key.str());
    std::string text = "unknown key '" + printable(name) + "'" +
                       (section.empty() ? "" : " in [" + std::string(section) + "]") + "; ";
    problem(key.source().begin, text + advice(name, section));
  }

  // What the unknown key may have been meant to be.
  static std::string advice(const std::string& name, std::string_view section) {
    std::vector<std::string> here, elsewhere;
    std::string homes;
    for (const auto& option : options()) {
      const auto home = option.section.empty() ? std::string("the part above the first [section]")
                                               : "[" + std::string(option.section) + "]";
      if (option.key == name) homes += (homes.empty() ? "" : " or ") + home;
      (option.section == section ? here : elsewhere).emplace_back(option.key);
      if (section.empty()) here.emplace_back(option.section);
    }
    if (!homes.empty()) return "it belongs in " + homes;
    auto near = nearest(name, here);
    if (near.empty()) near = nearest(name, elsewhere);
    return near.empty() ? "hansard.toml(5) lists the keys" : "did you mean '" + near + "'?";
  }

  void read_option(const Option& option, const toml::source_position& at, const toml::node& node) {
    where_[dotted(option)] = at;
    if (!std::visit([&](const auto& kind) { return read_value(kind, node); }, option.kind))
      problem(at, "'" + dotted(option) + "' must be " + describe(option));
    else if (const auto* number = std::get_if<Number>(&option.kind))
      warn_unlimited(option, *number);
  }

  void warn_unlimited(const Option& option, const Number& number) {
    Config defaults;
    if (number.at(config_) == unlimited && number.at(defaults) != unlimited)
      config_.warnings.push_back(dotted(option) +
                                 " is unlimited: one peer may use up this machine");
  }

  bool read_value(const Switch& kind, const toml::node& node) {
    const auto value = node.as_boolean();
    if (value) kind.at(config_) = value->get();
    return value != nullptr;
  }

  bool read_value(const Number& kind, const toml::node& node) {
    if (const auto* word = node.as_string()) {
      if (!kind.may_be_unlimited || word->get() != "unlimited") return false;
      kind.at(config_) = unlimited;
      return true;
    }
    const auto* value = node.as_integer();
    if (!value || value->get() < 0) return false;
    const auto number = static_cast<std::size_t>(value->get());
    if (number < kind.min || number > kind.max) return false;
    kind.at(config_) = number;
    return true;
  }

  bool read_value(const Text& kind, const toml::node& node) {
    const auto* value = node.as_string();
    if (!value || has_nul(value->get())) return false;
    kind.at(config_) = value->get();
    return true;
  }

  bool read_value(const Choice& kind, const toml::node& node) {
    const auto* value = node.as_string();
    if (!value || !allowed(kind.words, value->get())) return false;
    kind.at(config_) = value->get();
    return true;
  }

  bool read_value(const Texts& kind, const toml::node& node) {
    const auto* array = node.as_array();
    if (!array) return false;
    std::vector<std::string> texts;
    for (const auto& item : *array) {
      const auto* text = item.as_string();
      if (!text || has_nul(text->get())) return false;
      if (!kind.words.empty() && !allowed(kind.words, text->get())) return false;
      texts.push_back(text->get());
    }
    kind.at(config_) = std::move(texts);
    return true;
  }

  bool read_value(const Routes& kind, const toml::node& node) {
    const auto* table = node.as_table();
    if (!table) return false;
    for (const auto& [domain, address] : *table) {
      const auto* text = address.as_string();
      if (!text || has_nul(text->get())) return false;
      kind.at(config_)[std::string(domain.str())] = text->get();
    }
    return true;
  }

  static bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

  static bool allowed(std::span<const std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  void read_components(const toml::key& key, const toml::node& node) {
    const auto* array = node.as_array();
    if (!array || !array->is_array_of_tables()) {
      problem(key.source().begin, "'component' is a list of sections; write [[component]]");
      return;
    }
    for (const auto& item : *array) read_component(*item.as_table());
  }

  void read_component(const toml::table& table) {
    Config::Component component;
    const std::map<std::string_view, std::string*> keys = {{"service", &component.service},
                                                           {"host", &component.host},
                                                           {"secret_file", &component.secret_file}};
    for (const auto& [key, node] : table) {
      const auto found = keys.find(key.str());
      const auto* text = node.as_string();
      where_["component." + std::string(key.str())] = key.source().begin;
      if (found == keys.end())
        problem(key.source().begin, "unknown key '" + printable(key.str()) +
                                        "' in [[component]]; it has service, host, secret_file");
      else if (!text || has_nul(text->get()))
        problem(key.source().begin,
                "'component." + std::string(key.str()) + "' must be a text in quotes");
      else
        *found->second = text->get();
    }
    config_.components.push_back(std::move(component));
  }

  std::string name_;
  Config config_;
  std::vector<Problem> problems_;
  std::map<std::string, toml::source_position, std::less<>> where_;
};

}  // namespace

std::string Config::in_data_dir(const std::string& path) const {
  return (std::filesystem::path(data_dir) / path).string();
}

base::Result<Config, ConfigProblems> parse_config(std::string_view text, const std::string& name) {
  try {
    return Reader(name).read(toml::parse(text, name));
  } catch (const toml::parse_error& error) {
    return base::fail(
        ConfigProblems{name + ":" + place(error.source().begin) + printable(error.description())});
  }
}

std::optional<std::string> read_data_dir(const std::string& file, const std::string& data_dir) {
  if (!data_dir.empty()) return data_dir;
  const auto text = read_config_file(file);
  if (!text) return std::nullopt;
  try {
    return toml::parse(*text)["data_dir"].value_or(Config().data_dir);
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

base::Result<Config, ConfigProblems> read_config(const std::string& file,
                                                 const std::string& data_dir) {
  Config config;
  if (!file.empty()) {
    const auto text = read_config_file(file);
    if (!text) return base::fail(ConfigProblems{text.error()});
    auto parsed = parse_config(*text, file);
    if (!parsed) return parsed;
    config = std::move(*parsed);
  }
  if (!data_dir.empty()) config.data_dir = data_dir;
  config.file = file;
  config.data_dir_given = data_dir;
  return config;
}

}  // namespace server
