// SPDX-License-Identifier: Apache-2.0
// Displayed markers: handed on, and kept, so that another device of the same person learns from the
// archive how far it was read.
#include "muc/feature.h"

namespace muc {
namespace {

constexpr Payload payloads[] = {{.ns = "urn:xmpp:chat-markers:0"}};

}  // namespace

extern const Feature markers_feature{.name = "markers", .spec = "XEP-0333", .payloads = payloads};

}  // namespace muc
