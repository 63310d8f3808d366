// SPDX-License-Identifier: Apache-2.0
// What the probe says and what it looks for in what it hears (XEP-0045, XEP-0030).
#pragma once

#include <string>
#include <string_view>

#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace probe {

xmpp::Element hello();  // a presence that draws no messages: priority -1 (RFC 6121 8.5.2)
xmpp::Element ask_service(std::string_view service, std::string_view id);
xmpp::Element enter(const xmpp::Jid& occupant, const std::string& password, std::string_view id);
xmpp::Element accept_instant_room(const xmpp::Jid& room, std::string_view id);
xmpp::Element say(const xmpp::Jid& room, std::string_view body, std::string_view id);
xmpp::Element leave(const xmpp::Jid& occupant);
xmpp::Element destroy(const xmpp::Jid& room, std::string_view id);

bool is_answer(const xmpp::Element& stanza, std::string_view id);  // iq result or error
bool is_error(const xmpp::Element& stanza);
bool is_room_service(const xmpp::Element& disco_result);
// A presence from `room` that says `occupant` (or, with status 110, whoever we are there) is in.
bool is_own_presence(const xmpp::Element& stanza, const xmpp::Jid& room, const xmpp::Jid& occupant);
bool has_status(const xmpp::Element& presence, std::string_view code);
bool is_message(const xmpp::Element& stanza, const xmpp::Jid& occupant, std::string_view body);
xmpp::Jid sender(const xmpp::Element& stanza);  // empty if there is none

}  // namespace probe
