// SPDX-License-Identifier: Apache-2.0
#include "accounts/pep/options.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "xmpp/ns.h"

namespace accounts::pep {
namespace {

using xmpp::Condition;
using xmpp::DataForm;
using xmpp::FieldType;
using xmpp::FormField;
using xmpp::StanzaError;

constexpr std::array<std::string_view, 3> access_names{"whitelist", "presence", "open"};
constexpr std::array<std::string_view, 3> send_last_names{"never", "on_sub", "on_sub_and_presence"};
constexpr std::size_t text_bytes_max = 1023;

std::string_view yes_no(bool value) { return value ? "1" : "0"; }

bool set(bool& to, std::string_view value) {
  const auto parsed = xmpp::parse_boolean(value);
  if (parsed) to = *parsed;
  return parsed.has_value();
}

template <class Enum>
bool set(Enum& to, const std::array<std::string_view, 3>& names, std::string_view value) {
  const auto* const at = std::ranges::find(names, value);
  if (at == names.end()) return false;
  to = static_cast<Enum>(at - names.begin());
  return true;
}

// "max" and whatever is more than that is what we have.
bool set_max_items(std::size_t& to, std::string_view value) {
  if (value == "max") {
    to = limits::items_per_node;
    return true;
  }
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (end != value.data() + value.size() || value.empty()) return false;
  if (error != std::errc{} || number > limits::items_per_node) number = limits::items_per_node;
  to = std::max<std::size_t>(number, 1);
  return true;
}

bool set_text(std::string& to, std::string_view value) {
  if (value.size() > text_bytes_max || value.find('\n') != std::string_view::npos) return false;
  to = value;
  return true;
}

// One that says what we do anyway may be given; another cannot be had.
bool only(std::string_view value, std::string_view what_we_do) { return value == what_we_do; }

bool set(Options& options, std::string_view var, std::string_view value) {
  if (var == "pubsub#access_model") return set(options.access, access_names, value);
  if (var == "pubsub#max_items") return set_max_items(options.max_items, value);
  if (var == "pubsub#persist_items") return set(options.persist_items, value);
  if (var == "pubsub#send_last_published_item")
    return set(options.send_last, send_last_names, value);
  if (var == "pubsub#notify_retract") return set(options.notify_retract, value);
  if (var == "pubsub#notify_delete") return set(options.notify_delete, value);
  if (var == "pubsub#title") return set_text(options.title, value);
  if (var == "pubsub#type") return set_text(options.type, value);
  bool flag = false;
  if (var == "pubsub#deliver_payloads" || var == "pubsub#deliver_notifications")
    return set(flag, value) && flag;
  if (var == "pubsub#notify_config" || var == "pubsub#notify_sub" ||
      var == "pubsub#presence_based_delivery" || var == "pubsub#purge_offline")
    return set(flag, value) && !flag;
  if (var == "pubsub#publish_model") return only(value, "publishers");
  if (var == "pubsub#notification_type") return only(value, "headline");
  if (var == "pubsub#itemreply") return only(value, "publisher");
  return false;
}

template <std::size_t N>
FormField choice(std::string var, const std::array<std::string_view, N>& names, std::size_t at) {
  FormField field{
      .var = std::move(var), .type = FieldType::list_single, .values = {std::string(names[at])}};
  for (const auto name : names) field.options.emplace_back(name, name);
  return field;
}

FormField flag(std::string var, bool value) {
  return {
      .var = std::move(var), .type = FieldType::boolean, .values = {std::string(yes_no(value))}};
}

}  // namespace

Options defaults_for(std::string_view node) {
  Options options;
  if (node == xmpp::ns::bookmarks) {
    options.access = Access::whitelist;
    options.max_items = limits::items_per_node;
    options.send_last = SendLast::never;
    options.notify_retract = options.notify_delete = true;
  }
  return options;
}

std::optional<StanzaError> apply(const DataForm& form, Options& options) {
  Options changed = options;
  for (const FormField& field : form.fields) {
    if (field.var.empty() || field.var == "FORM_TYPE" || field.values.empty()) continue;
    if (!set(changed, field.var, field.values.front()))
      return StanzaError{Condition::not_acceptable, field.var.substr(0, 100) + " cannot be so."};
  }
  options = std::move(changed);
  return std::nullopt;
}

DataForm to_form(const Options& options) {
  DataForm form{.title = "Node configuration"};
  form.fields = {
      {.var = "FORM_TYPE",
       .type = FieldType::hidden,
       .values = {"http://jabber.org/protocol/pubsub#node_config"}},
      {.var = "pubsub#title", .values = {options.title}},
      {.var = "pubsub#type", .values = {options.type}},
      choice("pubsub#access_model", access_names, static_cast<std::size_t>(options.access)),
      {.var = "pubsub#max_items", .values = {std::to_string(options.max_items)}},
      flag("pubsub#persist_items", options.persist_items),
      choice("pubsub#send_last_published_item", send_last_names,
             static_cast<std::size_t>(options.send_last)),
      flag("pubsub#notify_retract", options.notify_retract),
      flag("pubsub#notify_delete", options.notify_delete)};
  return form;
}

std::string to_text(const Options& options) {
  std::string text;
  for (const auto& field : to_form(options).fields)
    if (field.var != "FORM_TYPE") text += field.var + "=" + field.values.front() + "\n";
  return text;
}

Options from_text(std::string_view text) {
  Options options;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos)
      (void)set(options, line.substr(0, equals), line.substr(equals + 1));
  }
  return options;
}

}  // namespace accounts::pep
