// SPDX-License-Identifier: Apache-2.0
// Settings of a room. A feature declares each Setting<T> once; the form field, its parsing, its
// default and its storage (one key-value table, key = `var`) follow from that.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muc/state/status.h"
#include "xmpp/data_form.h"

namespace muc {

struct Option {
  std::string_view value, label;
};

// How a type is written down, and which form field carries it.
struct SettingText {
  static std::string write(bool value) { return value ? "1" : "0"; }
  static std::string write(std::int64_t value) { return std::to_string(value); }
  static std::string write(std::string_view value) { return std::string(value); }
  static std::string write(const std::vector<std::string>& values);  // one a line
  static void read(std::string_view text, bool& value) { value = text == "1"; }
  static void read(std::string_view text, std::int64_t& value);  // unreadable: value stays
  static void read(std::string_view text, std::string& value) { value = text; }
  static void read(std::string_view text, std::vector<std::string>& values);
  static constexpr xmpp::FieldType field(bool) { return xmpp::FieldType::boolean; }
  static constexpr xmpp::FieldType field(std::int64_t) { return xmpp::FieldType::text_single; }
  static xmpp::FieldType field(const std::string&) { return xmpp::FieldType::text_single; }
  static xmpp::FieldType field(const std::vector<std::string>&) {
    return xmpp::FieldType::text_multi;
  }
};

// A setting without its type: what forms, storage and the record need to know.
struct AnySetting {
  std::string_view var, label;
  std::string fallback;
  xmpp::FieldType type = xmpp::FieldType::text_single;
  bool number = false;
  std::int64_t min = 0, max = 0;                     // numbers
  std::size_t bytes_max = 0;                         // texts; each of several values
  std::size_t values_max = 1;                        // more than one: several values, one a line
  std::span<const Option> options = {};              // of a list: nothing else is taken
  bool secret = false;                               // its values stay out of the record
  bool internal = false;                             // never in a form
  Status (*status)(std::string_view now) = nullptr;  // announced as; null = 104

  // The canonical text of what a form says; nullopt if the field's values are not acceptable.
  std::optional<std::string> parse(const xmpp::FormField& field) const;
  xmpp::FormField to_field(std::string_view value) const;

 private:
  bool several() const { return values_max > 1; }
  std::optional<std::string> parse_one(std::string_view value) const;
};

template <class T>
struct Setting {
  std::string_view var;
  T fallback{};
  std::string_view label;
  std::int64_t min = 0, max = INT64_MAX;
  std::size_t bytes_max = 1000;
  std::size_t values_max = 100;  // of several values
  bool jids = false;             // texts are JIDs
  std::span<const Option> options = {};
  bool secret = false;
  bool internal = false;
  Status (*status)(std::string_view now) = nullptr;

  operator AnySetting() const {  // NOLINT: a list of settings names them as they are
    AnySetting any{var, label, SettingText::write(fallback), SettingText::field(fallback)};
    any.number = std::is_same_v<T, std::int64_t>;
    any.min = min;
    any.max = max;
    any.bytes_max = bytes_max;
    any.options = options;
    any.secret = secret;
    any.internal = internal;
    any.status = status;
    constexpr bool many = std::is_same_v<T, std::vector<std::string>>;
    any.values_max = many ? values_max : 1;
    if (!options.empty())
      any.type = many ? xmpp::FieldType::list_multi : xmpp::FieldType::list_single;
    if (jids) any.type = many ? xmpp::FieldType::jid_multi : xmpp::FieldType::jid_single;
    if (secret) any.type = xmpp::FieldType::text_private;
    return any;
  }
};

// The values of one room: what differs from the fallbacks.
class Settings {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  template <class T>
  T get(const Setting<T>& setting) const {
    T value = setting.fallback;
    if (const auto at = values_.find(setting.var); at != values_.end())
      SettingText::read(at->second, value);
    return value;
  }
  // Whether it is not the fallback: cheaper than reading it.
  template <class T>
  bool differs(const Setting<T>& setting) const {
    return values_.contains(setting.var);
  }
  std::string_view text(const AnySetting& setting) const;  // borrows from this or from `setting`
  void set(const AnySetting& setting, std::string text);
  void restore(std::string var, std::string text) { values_[std::move(var)] = std::move(text); }
  const Map& stored() const { return values_; }

 private:
  Map values_;
};

}  // namespace muc
