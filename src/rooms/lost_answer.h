// SPDX-License-Identifier: Apache-2.0
// What is said in place of a stanza that must not be said because a record was refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/payload.h"
#include "muc/effect.h"
#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace server {

// An IQ has exactly one answer (RFC 6120 §8.2.3), and who was to be refused something waits for
// that: where the effect carries answers or refusals, an error in place of each is appended,
// addressed as they were. Who was to hear that his stay has ended is no
// occupant any more, so nobody else would tell him: he hears that it has, with status 333.
void append_lost_answers(const muc::Effect& effect, std::vector<xmpp::Element>& instead);

// To the sender of a message that was not recorded; `to` is where it was addressed.
xmpp::Element message_lost(const xmpp::Jid& sender, const xmpp::Jid& to, const std::string& id,
                           bool is_private);

}  // namespace server
