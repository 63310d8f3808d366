// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/match.h"

#include <vector>

#include "tests/scripts/runner/xml.h"

namespace tests {
namespace {

constexpr std::string_view any = "{scansion:any}";
constexpr std::string_view saved = "{scansion:save ";

bool is_any(const std::string& value) { return value == any || value.starts_with(saved); }
std::string name_in(const std::string& value) {
  return value.substr(saved.size(), value.size() - saved.size() - 1);
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const xmpp::Attribute* find(const xmpp::Element& e, const xmpp::Attribute& like) {
  for (const auto& a : e.attributes())
    if (a.name == like.name && a.ns == like.ns) return &a;
  return nullptr;
}

std::string compare_attributes(const xmpp::Element& expected, const xmpp::Element& actual,
                               bool strict) {
  for (const auto& a : expected.attributes()) {
    if (a.ns == scansion_ns) continue;
    const auto* found = find(actual, a);
    if (found == nullptr) return "no attribute " + a.name;
    if (!is_any(a.value) && a.value != found->value)
      return "attribute " + a.name + " is '" + found->value + "'";
  }
  if (!strict) return {};
  for (const auto& a : actual.attributes())
    if (find(expected, a) == nullptr && a.name != "to") return "attribute " + a.name + " too much";
  return {};
}

std::string compare_children(const xmpp::Element& expected, const xmpp::Element& actual,
                             bool strict) {
  std::vector<const xmpp::Element*> left;
  actual.for_each_child([&](const xmpp::Element& child) { left.push_back(&child); });
  std::string problem;
  expected.for_each_child([&](const xmpp::Element& wanted) {
    if (!problem.empty()) return;
    std::string why = "is not there";
    for (auto& candidate : left) {
      if (candidate == nullptr || candidate->name() != wanted.name() ||
          candidate->ns() != wanted.ns())
        continue;
      why = mismatch(wanted, *candidate, strict);
      if (!why.empty()) continue;
      candidate = nullptr;
      return;
    }
    problem = "<" + wanted.name() + "> " + why;
  });
  if (!problem.empty() || !strict) return problem;
  for (const auto* rest : left)
    if (rest != nullptr) return "<" + rest->name() + "> too much";
  return {};
}

}  // namespace

std::string mismatch(const xmpp::Element& expected, const xmpp::Element& actual, bool strict) {
  if (expected.name() != actual.name() || expected.ns() != actual.ns())
    return "is <" + actual.name() + " xmlns='" + actual.ns() + "'>";
  for (const auto& a : expected.attributes())
    if (a.ns == scansion_ns && a.name == "strict") strict = a.value == "yes" || a.value == "true";
  if (auto why = compare_attributes(expected, actual, strict); !why.empty()) return why;
  const std::string text = trimmed(expected.text());
  const bool has_elements = expected.first_child() != nullptr;
  if (!has_elements && !text.empty() && !is_any(text) && text != trimmed(actual.text()))
    return "text is '" + actual.text() + "'";
  return compare_children(expected, actual, strict);
}

void save(const xmpp::Element& expected, const xmpp::Element& actual,
          std::map<std::string, std::string>& variables) {
  for (const auto& a : expected.attributes())
    if (a.value.starts_with(saved)) variables[name_in(a.value)] = find(actual, a)->value;
  if (const auto text = trimmed(expected.text()); text.starts_with(saved))
    variables[name_in(text)] = trimmed(actual.text());
  expected.for_each_child([&](const xmpp::Element& wanted) {
    bool done = false;
    actual.for_each_child([&](const xmpp::Element& child) {
      if (done || !mismatch(wanted, child, false).empty()) return;
      done = true;
      save(wanted, child, variables);
    });
  });
}

}  // namespace tests
