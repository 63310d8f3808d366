// SPDX-License-Identifier: Apache-2.0
// Commands as XEP-0004 forms: what is asked, what was answered, what came of it. Everything follows
// from the declarations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/command.h"
#include "xmpp/data_form.h"
#include "xmpp/element.h"

namespace admin {

std::string command_node(const Command& command);       // "hansard#user-add"
const Command* command_at_node(std::string_view node);  // null if there is none
std::string command_title(const Command& command);      // "user add: makes an account"

xmpp::DataForm command_form(const Command& command);
// What was filled in, not yet checked: empty fields are left out. A field that the form did not
// have is kept, for checked() to refuse.
Arguments submitted(const Command& command, const xmpp::DataForm& form);

// Forms of type result: the fields with the first table, then one for each further table. All
// together they have about `bytes_max` bytes at most; rows that do not fit are left out, and
// `left_out` is how many.
struct AnswerForms {
  std::vector<xmpp::Element> forms;
  std::size_t left_out = 0;
};
AnswerForms answer_forms(const Answer& answer, std::size_t bytes_max);

}  // namespace admin
