// SPDX-License-Identifier: Apache-2.0
// XEP-0004 data forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmpp/element.h"

namespace xmpp {

enum class FieldType {
  boolean,
  fixed,
  hidden,
  jid_multi,
  jid_single,
  list_multi,
  list_single,
  text_multi,
  text_private,
  text_single,
};

struct FormField {
  std::string var;
  FieldType type = FieldType::text_single;
  std::string label = {};
  std::vector<std::string> values = {};
  std::vector<std::pair<std::string, std::string>> options = {};  // value, label
  bool required = false;
};

struct DataForm {
  enum class Type { form, submit, cancel, result };
  Type type = Type::form;
  std::string title = {};
  std::string instructions = {};
  std::vector<FormField> fields = {};

  const FormField* field(std::string_view var) const;  // null when absent
  std::string_view value(std::string_view var) const;  // first value or ""
  std::string_view form_type() const { return value("FORM_TYPE"); }
};

Element to_element(const DataForm& form);
// nullopt if it is not a jabber:x:data element with a known type; unknown children are ignored.
std::optional<DataForm> parse_form(const Element& x);
// "1", "true", "0", "false"; nullopt for anything else (XEP-0004 3.3).
std::optional<bool> parse_boolean(std::string_view value);

}  // namespace xmpp
