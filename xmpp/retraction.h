// SPDX-License-Identifier: Apache-2.0
// Message retraction (XEP-0424) and moderated retraction (XEP-0425): what stands where a message
// stood.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/element.h"

namespace xmpp {

// Leaves of `message` its attributes and what says whose and which it was (occupant id, stanza ids,
// delay), and puts `retracted` in place of all else. False if one stands there already: the first
// retraction is the one that counts.
bool make_tombstone(Element& message, const Element& retracted);

// The same of a stanza as it is stored; `retracted` is a serialised element. nullopt: nothing to do
// (it is a tombstone, or cannot be read).
std::optional<std::string> tombstone(std::string_view stanza, std::string_view retracted);

}  // namespace xmpp
