// SPDX-License-Identifier: Apache-2.0
// The rules for opening a client's stream: its header (RFC 6120 §4.7), the features offered
// (§4.3.2), the parser's limits. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/c2s/config.h"
#include "xmpp/element.h"
#include "xmpp/errors/stream_error.h"
#include "xmpp/parser/stream_parser.h"

namespace bridge::c2s {

// §4.7.5: "1.0", leading zeros ignored, any higher number; nothing else.
bool version_supported(std::string_view version);
std::optional<xmpp::StreamError> check_header(const xmpp::StreamHeader& header,
                                              const std::string& domain);
// The bare JID a header's `from` names, "" if none or malformed.
std::string header_identity(const xmpp::StreamHeader& header);
// The language of what the client says (RFC 6120 §4.7.4), "" if it names none that can be one.
std::string header_lang(const xmpp::StreamHeader& header);

struct Offer {
  bool starttls = false;
  bool starttls_required = false;
  std::vector<std::string> mechanisms = {};
  bool registration = false;
  bool bind = false;          // and what else one who is logged in may ask for
  std::string caps_ver = {};  // XEP-0115 of the server, "" = left out
};
// <stream:features/> as text.
std::string features(const Offer& offer);
// <stream:error/> as text; `detail`: a condition of an application (RFC 6120 §4.9.4).
std::string stream_error(const xmpp::StreamError& error, const xmpp::Element* detail = nullptr);

xmpp::ParserLimits parser_limits(const Limits& limits, bool authenticated);

}  // namespace bridge::c2s
