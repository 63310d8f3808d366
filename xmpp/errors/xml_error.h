// SPDX-License-Identifier: Apache-2.0
// Which stream error bytes that are no XMPP deserve (RFC 6120 §4.9.3, §11). For the stream parser.
#pragma once

#include <expat.h>

#include <cstddef>
#include <string_view>

#include "xmpp/errors/stream_error.h"

namespace xmpp {

bool is_xml_whitespace(char c);
bool is_xml_whitespace(std::string_view text);

StreamError restricted_error();
// For a byte before the root that starts neither whitespace nor markup.
StreamError stray_byte_error(char c);
// For what expat found. `unread` starts with the byte it pointed at.
StreamError expat_error(XML_Error code, std::string_view unread);
// Bytes expat waits for before it judges a character that starts with `lead`.
std::size_t judged_bytes(char lead);
// Size of the whole tag, instruction or reference at the start of `text`.
std::size_t token_size(std::string_view text);

}  // namespace xmpp
