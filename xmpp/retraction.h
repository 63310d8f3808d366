// SPDX-License-Identifier: Apache-2.0
// Message retraction (XEP-0424) and moderated retraction (XEP-0425): what stands where a message
// stood.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/element.h"

namespace xmpp {

// Leaves of a room's `message` its address, type and id and what the room itself put in (occupant
// id, stanza id, delay), and puts `retracted` in place of all else. False if one stands there
// already, for the first retraction is the one that counts; or if the message is itself what told
// of a moderation.
bool make_tombstone(Element& message, const Element& retracted);

// The same of a stanza as it is stored; `retracted` is a serialised element. nullopt: nothing to do
// (it is a tombstone, or cannot be read).
std::optional<std::string> tombstone(std::string_view stanza, std::string_view retracted);

}  // namespace xmpp
