// SPDX-License-Identifier: Apache-2.0
// What a client may not say about itself: elements that only a server or a room may add are taken
// out of what it sends, once, before anything is recorded or relayed (BI-STZ-11..13, BI-MUC-16).
#pragma once

#include <functional>
#include <string_view>

#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace xmpp {

// For a stanza that the room or server `by` is about to relay: removes top-level
//   - <occupant-id/> (all), <stanza-id/> whose `by` normalises to `by`,
//   - <delay/> whose `from` normalises to `by`, to an occupant of it, or to its domain,
//   - <retracted/> and <moderated/> (in <retract/> too), by which a room says what it has done to a
//     message (XEP-0424, XEP-0425),
//   - every <x xmlns='…muc#user'/>, muc, muc#admin and muc#owner child.
void strip_forged(Element& stanza, const Jid& by);

// For what a client sends, whoever it is for: removes top-level <stanza-id/> whose `by` and
// <delay/> whose `from` is a domain of ours or anybody there, and the wrappers in which only one's
// own server hands on messages: those of carbons (XEP-0280) and archives (XEP-0313), BI-STZ-14.
void strip_in_name_of(Element& stanza, const std::function<bool(std::string_view domain)>& is_ours);

// Whether this may be a language tag: RFC 5646 §4.4.1 asks for 35 characters at least, nobody needs
// more.
bool is_language(std::string_view tag);
// Removes each xml:lang of the stanza and of its children that is none (BI-STZ-15).
void strip_odd_languages(Element& stanza);

}  // namespace xmpp
