// SPDX-License-Identifier: Apache-2.0
// Displayed markers: handed on; with nothing else in them they are not kept, or a room's history
// would soon consist of them. Who wants one kept says so (XEP-0334).
#include "muc/feature.h"

namespace muc {
namespace {

constexpr Payload payloads[] = {{.ns = "urn:xmpp:chat-markers:0", .kept = false}};

}  // namespace

extern const Feature markers_feature{.name = "markers", .spec = "XEP-0333", .payloads = payloads};

}  // namespace muc
