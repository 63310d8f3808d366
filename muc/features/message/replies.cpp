// SPDX-License-Identifier: Apache-2.0
// Replies: what a message answers is named by its stanza id, which the room promises; handed on and
// kept with the message that it is part of.
#include "muc/feature.h"

namespace muc {
namespace {

constexpr Payload payloads[] = {{.ns = "urn:xmpp:reply:0"}};

}  // namespace

extern const Feature replies_feature{.name = "replies", .spec = "XEP-0461", .payloads = payloads};

}  // namespace muc
