// SPDX-License-Identifier: Apache-2.0
#include "muc/people/registration.h"

#include <algorithm>

namespace muc {
namespace {

struct Line {
  std::string_view var, label;
  std::string Registration::*value;
};
constexpr Line lines[] = {
    {"muc#register_roomnick", "Nickname", &Registration::nick},
    {"muc#register_first", "Given name", &Registration::first},
    {"muc#register_last", "Family name", &Registration::last},
    {"muc#register_url", "Web page", &Registration::url},
    {"muc#register_email", "Email address", &Registration::email},
};
constexpr std::string_view faq_var = "muc#register_faqentry";

std::string take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::optional<Registration> Registration::from(const xmpp::DataForm& form) {
  Registration said;
  for (const Line& line : lines) {
    const xmpp::FormField* field = form.field(line.var);
    if (field == nullptr || field->values.empty()) continue;
    const std::string& value = field->values.front();
    if (field->values.size() > 1 || value.find('\n') != std::string::npos) return std::nullopt;
    said.*line.value = value;
  }
  const xmpp::FormField* faq = form.field(faq_var);
  if (faq != nullptr && faq->values.size() > faq_lines_max) return std::nullopt;
  if (faq != nullptr)
    for (const auto& value : faq->values) {
      if (!said.faq.empty()) said.faq += '\n';
      said.faq += value;
    }
  if (said.nick.empty() || said.text().size() > bytes_max) return std::nullopt;
  return said;
}

std::vector<xmpp::FormField> Registration::fields() const {
  std::vector<xmpp::FormField> all{{.var = "FORM_TYPE",
                                    .type = xmpp::FieldType::hidden,
                                    .values = {std::string(registration_form)}}};
  for (const Line& line : lines) {
    xmpp::FormField field{.var = std::string(line.var), .label = std::string(line.label)};
    if (const std::string& value = this->*line.value; !value.empty()) field.values = {value};
    all.push_back(std::move(field));
  }
  all[1].required = true;
  xmpp::FormField entry{.var = std::string(faq_var),
                        .type = xmpp::FieldType::text_multi,
                        .label = "Entry for the list of questions and answers"};
  for (std::string_view rest = faq; !rest.empty();) entry.values.push_back(take_line(rest));
  all.push_back(std::move(entry));
  return all;
}

std::string Registration::text() const {
  std::string out;
  for (const Line& line : lines) (out += this->*line.value) += '\n';
  return out + faq;
}

Registration Registration::read(std::string_view text) {
  Registration said;
  for (const Line& line : lines) said.*line.value = take_line(text);
  said.faq = text;
  return said;
}

}  // namespace muc
