// SPDX-License-Identifier: Apache-2.0
// Options as text: values, descriptions, the sample file and the manual page.
#include <algorithm>
#include <numeric>

#include "src/config/options.h"

namespace server {
namespace {

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;

std::string join(std::span<const std::string_view> words, std::string_view between) {
  std::string all;
  for (const auto word : words) {
    if (!all.empty()) all += between;
    all += word;
  }
  return all;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string list(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + quoted(text);
  return "[" + all + "]";
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

constexpr std::string_view component_sample = R"(
# Attach to an existing XMPP server (XEP-0114); one for each service domain.
#[[component]]
#service = "chat.example.org"
#host = "127.0.0.1:5347"
#secret_file = "/etc/hansard/component.secret"
)";

constexpr std::string_view man_head = R"(hansard.toml(5)

# NAME

hansard.toml - configuration of the Hansard chat server

# DESCRIPTION

_hansard.toml_ is a TOML file that *hansard*(1) reads with *-c*. All keys are optional. An unknown
key, a wrong type or an impossible combination is an error that names the key, the line and what
would be right; *hansard check* looks for all of them.

A listener is _host:port_; an empty list switches it off. In *[limits]* the word _"unlimited"_ is
the only way to say that there is none, where that is allowed.
)";

constexpr std::string_view man_tail = R"(
# [[component]]

Attaches a service to an existing XMPP server (XEP-0114); one for each service domain. Its keys,
all required, are *service* (a domain), *host* (_host:port_ of the server) and *secret_file*.

# SEE ALSO

*hansard*(1)
)";

// scdoc reads these as markup.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '*' || c == '\\' || c == '<' || c == '>' || c == '#') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string dotted(const Option& option) {
  return (option.section.empty() ? "" : std::string(option.section) + ".") +
         std::string(option.key);
}

std::string describe(const Option& option) {
  return std::visit(
      Overload{
          [](const Switch&) -> std::string { return "true or false"; },
          [](const Number& n) {
            return "a number from " + std::to_string(n.min) + " to " + std::to_string(n.max) +
                   (n.may_be_unlimited ? " or \"unlimited\"" : "");
          },
          [](const Text&) -> std::string { return "a text in quotes"; },
          [](const Choice& c) { return "one of: " + join(c.words, ", "); },
          [](const Texts& t) {
            return std::string("a list of texts in quotes") +
                   (t.words.empty() ? "" : ", each one of: " + join(t.words, ", "));
          },
          [](const Routes&) -> std::string { return "lines of \"domain\" = \"host:port\""; },
      },
      option.kind);
}

std::string toml_value(const Option& option, const Config& config) {
  Config copy = config;
  return std::visit(
      Overload{
          [&](const Switch& s) -> std::string { return s.at(copy) ? "true" : "false"; },
          [&](const Number& n) {
            const auto value = n.at(copy);
            return value == unlimited ? "\"unlimited\"" : std::to_string(value);
          },
          [&](const Text& t) { return quoted(t.at(copy)); },
          [&](const Choice& c) { return quoted(c.at(copy)); },
          [&](const Texts& t) { return list(t.at(copy)); },
          [](const Routes&) -> std::string { return ""; },
      },
      option.kind);
}

std::string sample_config() {
  std::string out = "# hansard.toml: every key with its default; all of them may be left out.\n";
  std::string_view section;
  for (const auto& option : options()) {
    if (option.section != section) {
      section = option.section;
      out += "\n[" + std::string(section) + "]\n";
    }
    if (std::holds_alternative<Routes>(option.kind)) {
      out += "\n[" + dotted(option) + "]\n# " + std::string(option.help) +
             "\n#\"partner.example\" = \"192.0.2.7:5269\"\n";
      section = option.key;
      continue;
    }
    out += "# " + std::string(option.help);
    if (std::holds_alternative<Number>(option.kind) || std::holds_alternative<Choice>(option.kind))
      out += " (" + describe(option) + ")";
    out += "\n" + std::string(option.key) + " = " + toml_value(option, Config{}) + "\n";
  }
  return out + std::string(component_sample);
}

std::string config_man_page() {
  std::string out(man_head);
  std::string_view section = "none";
  for (const auto& option : options()) {
    if (option.section != section) {
      section = option.section;
      out += section.empty() ? "\n# TOP LEVEL\n" : "\n# [" + std::string(section) + "]\n";
    }
    out += "\n*" + std::string(option.key) + "*: " + escaped(describe(option)) + "\n\t" +
           escaped(option.help) + ".";
    if (const auto value = toml_value(option, Config{}); !value.empty())
      out += " Default: " + escaped(value);
    out += "\n";
  }
  return out + std::string(man_tail);
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    if (const auto d = distance(word.substr(0, 64), candidate); d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace server
