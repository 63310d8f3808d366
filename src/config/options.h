// SPDX-License-Identifier: Apache-2.0
// Option: one key of hansard.toml, declared once: where it stands, what it may be, what it is for.
// Reading the file, its error messages, the sample file and the manual page all follow from the
// table in options.cpp; defaults are those of Config. To add a key: its member in config.h, its
// line in options.cpp, then script/generate.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "src/config/config.h"

namespace server {

struct Switch {
  bool& (*at)(Config&);
};
struct Number {
  std::size_t& (*at)(Config&);
  std::size_t min, max;
  bool may_be_unlimited = false;  // by that word
};
struct Text {
  std::string& (*at)(Config&);
};
struct Choice {
  std::string& (*at)(Config&);
  std::span<const std::string_view> words;
};
struct Texts {
  std::vector<std::string>& (*at)(Config&);
  std::span<const std::string_view> words = {};  // empty: any text
};
struct Routes {  // a table of any keys
  std::map<std::string, std::string>& (*at)(Config&);
};

struct Option {
  std::string_view section;  // "" for the top level
  std::string_view key;
  std::variant<Switch, Number, Text, Choice, Texts, Routes> kind;
  std::string_view help;
};

std::span<const Option> options();  // in the order of the sample

std::string dotted(const Option& option);                            // "limits.stanza_bytes"
std::string describe(const Option& option);                          // "a number from 1 to 20"
std::string toml_value(const Option& option, const Config& config);  // as it stands in a file

std::string sample_config();    // docs/hansard.toml
std::string config_man_page();  // docs/man/hansard.toml.5.scd

// The candidate nearest to `word`, "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace server
