// SPDX-License-Identifier: Apache-2.0
#include "xmpp/caps.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "base/crypto.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"

namespace xmpp {
namespace {

// In i;octet order; false if one of them is there already.
bool insert(std::set<std::string>& all, std::string one) {
  return all.insert(std::move(one)).second;
}

// "FORM_TYPE<var<value<value<"
std::string form_text(const DataForm& form) {
  std::string text = std::string(form.form_type()) + "<";
  auto fields = form.fields;
  std::ranges::sort(fields, {}, &FormField::var);
  for (auto& field : fields) {
    if (field.var == "FORM_TYPE") continue;
    text += field.var + "<";
    std::ranges::sort(field.values);
    for (const auto& value : field.values) text += value + "<";
  }
  return text;
}

struct Collected {
  std::set<std::string> identities, features;
  std::map<std::string, std::string> forms;  // by FORM_TYPE
  bool ill_formed = false;

  void take(const Element& child) {
    if (child.is("identity", ns::disco_info)) {
      std::string text(child.attr("category"));
      text.append("/").append(child.attr("type")).append("/").append(child.lang());
      text.append("/").append(child.attr("name"));
      ill_formed |= !insert(identities, std::move(text));
    } else if (child.is("feature", ns::disco_info)) {
      ill_formed |= !insert(features, std::string(child.attr("var")));
    } else if (child.is("x", ns::data_form)) {
      take_form(child);
    }
  }

 private:
  void take_form(const Element& x) {
    const auto form = parse_form(x);
    if (!form) return;
    const FormField* type = form->field("FORM_TYPE");
    if (type == nullptr) return;
    ill_formed |=
        std::ranges::adjacent_find(type->values, std::ranges::not_equal_to{}) != type->values.end();
    if (type->type != FieldType::hidden || type->values.empty()) return;  // §5.4 step 3.6
    ill_formed |= !forms.emplace(type->values.front(), form_text(*form)).second;
  }
};

}  // namespace

std::optional<std::string> caps_ver(const Element& query) {
  Collected all;
  query.for_each_child([&](const Element& child) { all.take(child); });
  if (all.ill_formed) return std::nullopt;
  std::string s;
  for (const auto& identity : all.identities) s += identity + "<";
  for (const auto& feature : all.features) s += feature + "<";
  for (const auto& [type, form] : all.forms) s += form;
  return base::base64(base::digest(base::Hash::sha1, s));
}

}  // namespace xmpp
