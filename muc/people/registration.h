// SPDX-License-Identifier: Apache-2.0
// What somebody who registers with a room says (XEP-0045 7.10), as a form and as the room keeps it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmpp/data_form.h"

namespace muc {

inline constexpr std::string_view registration_form = "http://jabber.org/protocol/muc#register";

struct Registration {
  std::string nick, first, last, url, email;
  std::string faq;  // lines

  static constexpr std::size_t bytes_max = 4096;  // of all of it, written

  static constexpr std::size_t faq_lines_max = 50;

  // nullopt if the form does not say it acceptably. The nick is as the form has it.
  static std::optional<Registration> from(const xmpp::DataForm& form);
  std::vector<xmpp::FormField> fields() const;  // with FORM_TYPE
  // As it is kept: a line each, then the FAQ entry.
  std::string text() const;
  static Registration read(std::string_view text);
};

}  // namespace muc
