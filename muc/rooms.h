// SPDX-License-Identifier: Apache-2.0
// The service itself: what it is and which rooms it lists (XEP-0045 6.2, 6.3, with XEP-0059
// paging).
#pragma once

#include <optional>
#include <vector>

#include "muc/effect.h"
#include "muc/service.h"
#include "muc/state/room.h"
#include "muc/turn.h"

namespace muc {

// A stanza to the service's own address.
Effects service_request(const World& world, const Incoming& in);

xmpp::Element room_list(const xmpp::Element& iq, const RoomsPage& page);

// Names the line of what is about no room.
xmpp::Jid service_jid(const World& world);

}  // namespace muc
