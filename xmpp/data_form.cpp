// SPDX-License-Identifier: Apache-2.0
#include "xmpp/data_form.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "xmpp/ns.h"

namespace xmpp {
namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<DataForm::Type, 4> form_types{{
    {DataForm::Type::form, "form"},
    {DataForm::Type::submit, "submit"},
    {DataForm::Type::cancel, "cancel"},
    {DataForm::Type::result, "result"},
}};

constexpr Names<FieldType, 10> field_types{{
    {FieldType::boolean, "boolean"},
    {FieldType::fixed, "fixed"},
    {FieldType::hidden, "hidden"},
    {FieldType::jid_multi, "jid-multi"},
    {FieldType::jid_single, "jid-single"},
    {FieldType::list_multi, "list-multi"},
    {FieldType::list_single, "list-single"},
    {FieldType::text_multi, "text-multi"},
    {FieldType::text_private, "text-private"},
    {FieldType::text_single, "text-single"},
}};

template <class Enum, std::size_t N>
std::string_view name_of(const Names<Enum, N>& names, Enum value) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const auto& row) { return row.first == value; });
  CHECK(found != names.end());
  return found->second;
}

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const Names<Enum, N>& names, std::string_view name) {
  for (const auto& [value, value_name] : names)
    if (value_name == name) return value;
  return std::nullopt;
}

void add_text_child(Element& parent, std::string_view name, std::string_view text) {
  parent.add(name, ns::data_form).add_text(text);
}

Element to_element(const FormField& field) {
  Element e("field", ns::data_form);
  if (!field.var.empty()) e.set_attr("var", field.var);
  e.set_attr("type", name_of(field_types, field.type));
  if (!field.label.empty()) e.set_attr("label", field.label);
  if (field.required) e.add("required", ns::data_form);
  for (const std::string& value : field.values) add_text_child(e, "value", value);
  for (const auto& [value, label] : field.options) {
    Element& option = e.add("option", ns::data_form);
    if (!label.empty()) option.set_attr("label", label);
    add_text_child(option, "value", value);
  }
  return e;
}

FormField parse_field(const Element& e) {
  FormField field;
  field.var = e.attr("var");
  field.label = e.attr("label");
  // XEP-0004 3.3: a type that is missing or not known is text-single.
  field.type = find_name(field_types, e.attr("type")).value_or(FieldType::text_single);
  e.for_each_child([&](const Element& child) {
    if (child.is("value", ns::data_form)) field.values.push_back(child.text());
    if (child.is("required", ns::data_form)) field.required = true;
    if (child.is("option", ns::data_form)) {
      field.options.emplace_back(child_text(child, "value", ns::data_form).value_or(""),
                                 child.attr("label"));
    }
  });
  return field;
}

}  // namespace

const FormField* DataForm::field(std::string_view var) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.var == var; });
  return found == fields.end() ? nullptr : &*found;
}

std::string_view DataForm::value(std::string_view var) const {
  const FormField* found = field(var);
  return found && !found->values.empty() ? std::string_view(found->values.front())
                                         : std::string_view();
}

Element to_element(const DataForm& form) {
  Element x("x", ns::data_form);
  x.set_attr("type", name_of(form_types, form.type));
  if (!form.title.empty()) add_text_child(x, "title", form.title);
  if (!form.instructions.empty()) add_text_child(x, "instructions", form.instructions);
  for (const FormField& field : form.fields) x.add(to_element(field));
  return x;
}

std::optional<DataForm> parse_form(const Element& x) {
  if (!x.is("x", ns::data_form)) return std::nullopt;
  const auto type = find_name(form_types, x.attr("type"));
  if (!type) return std::nullopt;
  DataForm form;
  form.type = *type;
  x.for_each_child([&](const Element& child) {
    if (child.is("title", ns::data_form)) form.title = child.text();
    if (child.is("instructions", ns::data_form)) {  // may come once for each paragraph
      if (!form.instructions.empty()) form.instructions += '\n';
      form.instructions += child.text();
    }
    if (child.is("field", ns::data_form)) form.fields.push_back(parse_field(child));
  });
  return form;
}

std::optional<bool> parse_boolean(std::string_view value) {
  if (value == "1" || value == "true") return true;
  if (value == "0" || value == "false") return false;
  return std::nullopt;
}

}  // namespace xmpp
