// SPDX-License-Identifier: Apache-2.0
// Fallback indication: says which part of a body is for clients that know no better. Handed on with
// its message; by itself it says nothing worth keeping.
#include "muc/feature.h"

namespace muc {
namespace {

constexpr Payload payloads[] = {{.ns = "urn:xmpp:fallback:0", .kept = false}};

}  // namespace

extern const Feature fallback_feature{.name = "fallback", .spec = "XEP-0428", .payloads = payloads};

}  // namespace muc
