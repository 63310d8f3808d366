// SPDX-License-Identifier: Apache-2.0
#include "xmpp/errors/xml_error.h"

#include <algorithm>

#include "base/utf8.h"

namespace xmpp {
namespace {

StreamError encoding_error() {
  return {StreamCondition::unsupported_encoding, "only UTF-8 is allowed"};
}

}  // namespace

bool is_xml_whitespace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_xml_whitespace(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_xml_whitespace(c); });
}

StreamError restricted_error() {
  return {StreamCondition::restricted_xml,
          "comments, processing instructions and document types are not allowed"};
}

// RFC 6120 §11.6: U+FEFF is no byte order mark but a character, and text may not stand before the
// root. A byte no UTF-8 starts with, or NUL, shows another encoding.
StreamError stray_byte_error(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool starts_utf8 = (byte > 0 && byte < 0x80) || (byte >= 0xc2 && byte < 0xf5);
  if (!starts_utf8) return encoding_error();
  return {StreamCondition::not_well_formed, "only whitespace may stand before the stream"};
}

StreamError expat_error(XML_Error code, std::string_view unread) {
  switch (code) {
    case XML_ERROR_INVALID_TOKEN:
      if (!unread.empty() && base::first_code_point(unread).size == 0) return encoding_error();
      break;
    case XML_ERROR_UNDEFINED_ENTITY:
    case XML_ERROR_RECURSIVE_ENTITY_REF:
    case XML_ERROR_ASYNC_ENTITY:
    case XML_ERROR_BINARY_ENTITY_REF:
    case XML_ERROR_ATTRIBUTE_EXTERNAL_ENTITY_REF:
    case XML_ERROR_PARAM_ENTITY_REF:
      return {StreamCondition::restricted_xml, "entity references are not allowed"};
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
    case XML_ERROR_PARTIAL_CHAR:
      return encoding_error();
    case XML_ERROR_NO_MEMORY:
      return {StreamCondition::resource_constraint};
    default:
      break;
  }
  return {StreamCondition::not_well_formed, XML_ErrorString(code)};
}

std::size_t judged_bytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xc2 || byte > 0xf4) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

std::size_t token_size(std::string_view text) {
  std::string_view end = ">";
  if (text.starts_with('&')) end = ";";
  if (text.starts_with("<?")) end = "?>";
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.substr(at).starts_with(end)) return at + end.size();
    const char c = text[at++];
    if (end != ">" || (c != '\'' && c != '"')) continue;
    const auto closing = text.find(c, at);  // an attribute's value may contain '>'
    at = closing == std::string_view::npos ? text.size() : closing + 1;
  }
  return text.size();
}

}  // namespace xmpp
