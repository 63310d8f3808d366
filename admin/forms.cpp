// SPDX-License-Identifier: Apache-2.0
#include "admin/forms.h"

#include <algorithm>

#include "admin/commands.h"
#include "xmpp/ns.h"

namespace admin {
namespace {

using xmpp::FieldType;
using Kind = Parameter::Kind;

constexpr std::string_view node_prefix = "hansard#";
constexpr std::size_t around_value = 64;  // bytes of markup for each value, about

std::string dashed(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), ' ', '-');
  return out;
}

FieldType type_of(const Parameter& parameter) {
  switch (parameter.kind) {
    case Kind::account:
    case Kind::user:
    case Kind::room:
      return parameter.repeated ? FieldType::jid_multi : FieldType::jid_single;
    case Kind::domain:
    case Kind::group:
    case Kind::text:
    case Kind::folder:
    case Kind::integer:
      return parameter.repeated ? FieldType::text_multi : FieldType::text_single;
    case Kind::choice:
      return parameter.repeated ? FieldType::list_multi : FieldType::list_single;
    case Kind::secret:
      return FieldType::text_private;
    case Kind::lines:
      return FieldType::text_multi;
    case Kind::flag:
      return FieldType::boolean;
  }
  return FieldType::text_single;
}

// Help says of files what to name; a form takes their lines.
std::string label_of(const Parameter& parameter) {
  std::string label(parameter.name);
  label += ": ";
  if (parameter.kind == Kind::lines)
    label += parameter.help.substr(0, parameter.help.find(';'));
  else
    label += parameter.help;
  return label;
}

std::string text_of(const Value& value) {
  struct Visitor {
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
  };
  return std::visit(Visitor{}, value);
}

xmpp::Element field(const std::string& var, const Value& value) {
  xmpp::Element out("field", xmpp::ns::data_form);
  out.set_attr("var", var);
  out.add("value", xmpp::ns::data_form).set_text(text_of(value));
  return out;
}

std::string heading(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

class Forms {
 public:
  explicit Forms(std::size_t bytes_max) : left_(bytes_max) {}

  void fields(const std::vector<Field>& fields) {
    for (const auto& f : fields) {
      auto element = field(f.name, f.value);
      element.set_attr("label", heading(f.name));
      if (std::holds_alternative<bool>(f.value)) element.set_attr("type", "boolean");
      spend(text_of(f.value).size() + f.name.size());
      open().add(std::move(element));
    }
  }
  void table(const Table& table) {
    if (table.rows.empty()) return;
    if (has_table_) current_.reset();
    auto& form = open();
    has_table_ = true;
    form.add("title", xmpp::ns::data_form).set_text(heading(table.name));
    auto& reported = form.add("reported", xmpp::ns::data_form);
    for (const auto& column : table.columns)
      reported.add("field", xmpp::ns::data_form)
          .set_attr("var", column)
          .set_attr("label", heading(column));
    for (std::size_t i = 0; i < table.rows.size(); ++i)
      if (!row(table.columns, table.rows[i])) {
        left_out_ += table.rows.size() - i;
        return;
      }
  }
  AnswerForms take() {
    AnswerForms all{.left_out = left_out_};
    for (auto& form : forms_) all.forms.push_back(std::move(form));
    return all;
  }

 private:
  xmpp::Element& open() {
    if (!current_) {
      forms_.emplace_back("x", xmpp::ns::data_form).set_attr("type", "result");
      current_ = forms_.size() - 1;
      has_table_ = false;
    }
    return forms_[*current_];
  }
  bool row(const std::vector<std::string>& columns, const std::vector<Value>& cells) {
    std::size_t size = around_value;
    for (std::size_t i = 0; i < cells.size(); ++i)
      size += around_value + columns[i].size() + text_of(cells[i]).size();
    if (size > left_) return false;
    left_ -= size;
    auto& item = open().add("item", xmpp::ns::data_form);
    for (std::size_t i = 0; i < cells.size(); ++i) item.add(field(columns[i], cells[i]));
    return true;
  }
  void spend(std::size_t bytes) { left_ -= std::min(left_, bytes + around_value); }

  std::size_t left_;
  std::vector<xmpp::Element> forms_;
  std::optional<std::size_t> current_;
  bool has_table_ = false;
  std::size_t left_out_ = 0;
};

}  // namespace

std::string command_node(const Command& command) {
  return std::string(node_prefix) + dashed(command.name);
}

const Command* command_at_node(std::string_view node) {
  for (const auto* command : commands())
    if (command_node(*command) == node) return command;
  return nullptr;
}

std::string command_title(const Command& command) {
  return std::string(command.name) + ": " + std::string(command.help);
}

xmpp::DataForm command_form(const Command& command) {
  xmpp::DataForm form{.type = xmpp::DataForm::Type::form,
                      .title = std::string(command.name),
                      .instructions = std::string(command.help)};
  for (const auto& parameter : command.parameters) {
    xmpp::FormField field{.var = std::string(parameter.name),
                          .type = type_of(parameter),
                          .label = label_of(parameter),
                          .required = parameter.required};
    for (const auto word : parameter.words) field.options.emplace_back(word, word);
    if (parameter.kind == Kind::flag) field.values = {"0"};
    form.fields.push_back(std::move(field));
  }
  return form;
}

Arguments submitted(const Command& command, const xmpp::DataForm& form) {
  Arguments given;
  for (const auto& field : form.fields) {
    if (field.var == "FORM_TYPE") continue;
    const auto parameter = std::find_if(command.parameters.begin(), command.parameters.end(),
                                        [&](const Parameter& p) { return p.name == field.var; });
    std::string all;
    for (const auto& value : field.values) all += (all.empty() ? "" : "\n") + value;
    const bool flag = parameter != command.parameters.end() && parameter->kind == Kind::flag;
    if (flag) {
      const auto on = xmpp::parse_boolean(all);
      if (on && !*on) continue;
      if (on) all = "true";
    }
    if (!all.empty() || parameter == command.parameters.end()) given[field.var] = std::move(all);
  }
  return given;
}

AnswerForms answer_forms(const Answer& answer, std::size_t bytes_max) {
  Forms forms(bytes_max);
  forms.fields(answer.fields);
  for (const auto& table : answer.tables) forms.table(table);
  return forms.take();
}

}  // namespace admin
