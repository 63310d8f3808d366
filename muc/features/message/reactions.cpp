// SPDX-License-Identifier: Apache-2.0
// Reactions: a message like others, worth keeping. Whose set of reactions counts is the last one by
// occupant id, which clients compare; the room promises that id.
#include "muc/feature.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

constexpr Payload payloads[] = {{.ns = xmpp::ns::reactions}};

}  // namespace

extern const Feature reactions_feature{
    .name = "reactions", .spec = "XEP-0444", .payloads = payloads};

}  // namespace muc
