// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/muc_schema.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "xmpp/ns.h"

namespace tests {
namespace {

using Names = std::vector<std::string_view>;

enum class Content {
  text,      // and no elements
  sequence,  // the children in this order, each once or not at all
  choice,    // one of the children or none
  any,       // the children in any order and number
};

struct Rule {
  std::string_view ns, name;
  Names attributes;
  Content content;
  Names children;
};

const std::vector<Rule>& rules() {
  const Names item{"affiliation", "jid", "nick", "role"}, person{"jid", "nick"};
  const Names invitation{"from", "to"};
  static const std::vector<Rule> all{
      {xmpp::ns::muc, "x", {}, Content::sequence, {"history", "password"}},
      {xmpp::ns::muc,
       "history",
       {"maxchars", "maxstanzas", "seconds", "since"},
       Content::sequence,
       {}},
      {xmpp::ns::muc, "password", {}, Content::text, {}},
      {xmpp::ns::muc_user,
       "x",
       {},
       Content::any,
       {"decline", "destroy", "invite", "item", "password", "status"}},
      {xmpp::ns::muc_user, "decline", invitation, Content::sequence, {"reason"}},
      {xmpp::ns::muc_user, "destroy", {"jid"}, Content::sequence, {"password", "reason"}},
      {xmpp::ns::muc_user, "invite", invitation, Content::sequence, {"reason", "continue"}},
      {xmpp::ns::muc_user, "item", item, Content::sequence, {"actor", "continue", "reason"}},
      {xmpp::ns::muc_user, "actor", person, Content::sequence, {}},
      {xmpp::ns::muc_user, "continue", {"thread"}, Content::sequence, {}},
      {xmpp::ns::muc_user, "status", {"code"}, Content::sequence, {}},
      {xmpp::ns::muc_user, "password", {}, Content::text, {}},
      {xmpp::ns::muc_user, "reason", {}, Content::text, {}},
      {xmpp::ns::muc_admin, "query", {}, Content::any, {"item", "set"}},
      {xmpp::ns::muc_admin, "item", item, Content::sequence, {"actor", "reason"}},
      {xmpp::ns::muc_admin, "actor", person, Content::sequence, {}},
      {xmpp::ns::muc_admin, "reason", {}, Content::text, {}},
      {xmpp::ns::muc_owner, "query", {}, Content::choice, {"x", "destroy"}},
      {xmpp::ns::muc_owner, "destroy", {"jid"}, Content::sequence, {"password", "reason"}},
      {xmpp::ns::muc_owner, "password", {}, Content::text, {}},
      {xmpp::ns::muc_owner, "reason", {}, Content::text, {}},
  };
  return all;
}

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool may_be(std::string_view attribute, const std::string& value) {
  if (attribute == "affiliation")
    return contains({"owner", "admin", "member", "none", "outcast"}, value);
  if (attribute == "role") return contains({"moderator", "participant", "visitor", "none"}, value);
  if (attribute != "code") return true;
  return value.size() == 3 && value.front() != '0' &&
         value.find_first_not_of("0123456789") == std::string::npos;
}

bool is_of_muc(const xmpp::Element& element) {
  return contains({xmpp::ns::muc, xmpp::ns::muc_user, xmpp::ns::muc_admin, xmpp::ns::muc_owner},
                  element.ns());
}

// Where a child of another namespace has its place.
bool is_foreign_part(const xmpp::Element& parent, const xmpp::Element& child) {
  return (parent.ns() == xmpp::ns::muc_owner && child.is("x", xmpp::ns::data_form)) ||
         (parent.ns() == xmpp::ns::muc_admin && child.is("set", xmpp::ns::rsm));
}

std::string fault(const xmpp::Element& element);

std::string fault_in_content(const Rule& rule, const xmpp::Element& element) {
  std::size_t next = 0, count = 0;
  for (const auto& node : element.nodes()) {
    const auto* child = std::get_if<xmpp::Element>(&node);
    if (child == nullptr) continue;
    ++count;
    const auto at = std::find(rule.children.begin(), rule.children.end(), child->name());
    const bool foreign = child->ns() != element.ns();
    if (at == rule.children.end() || (foreign && !is_foreign_part(element, *child)))
      return "no place for <" + child->name() + ">";
    const auto place = static_cast<std::size_t>(at - rule.children.begin());
    if (rule.content == Content::sequence && place < next)
      return "<" + child->name() + "> comes too late or twice";
    next = place + 1;
    if (foreign) continue;
    if (auto inner = fault(*child); !inner.empty()) return inner;
  }
  if (rule.content == Content::choice && count > 1) return "more than one of a choice";
  if (rule.content != Content::text && !element.text().empty()) return "text";
  return "";
}

std::string fault(const xmpp::Element& element) {
  const std::string here = "<" + element.name() + " xmlns='" + element.ns() + "'>: ";
  const auto rule = std::find_if(rules().begin(), rules().end(), [&](const Rule& r) {
    return r.name == element.name() && r.ns == element.ns();
  });
  if (rule == rules().end()) return here + "there is none";
  for (const auto& attribute : element.attributes()) {
    if (attribute.ns == xmpp::ns::xml) continue;
    if (!attribute.ns.empty() || !contains(rule->attributes, attribute.name))
      return here + "no attribute " + attribute.name;
    if (!may_be(attribute.name, attribute.value))
      return here + attribute.name + " cannot be " + attribute.value;
  }
  if (element.is("status", xmpp::ns::muc_user) && element.find_attr("code") == nullptr)
    return here + "needs a code";
  const auto inside = fault_in_content(*rule, element);
  return inside.empty() ? "" : here + inside;
}

}  // namespace

std::string muc_schema_fault(const xmpp::Element& stanza) {
  if (stanza.attr("type") == "error") return "";
  for (const auto& node : stanza.nodes()) {
    const auto* child = std::get_if<xmpp::Element>(&node);
    if (child == nullptr || !is_of_muc(*child)) continue;
    if (auto wrong = fault(*child); !wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace tests
