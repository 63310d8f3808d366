// SPDX-License-Identifier: Apache-2.0
// Hints about keeping: who asks that a message be kept has it kept, whatever it consists of; one
// that must not be kept is not (groupchat.cpp). The record has it all the same.
#include "muc/feature.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

constexpr Payload payloads[] = {{.ns = xmpp::ns::hints, .name = "store"},
                                {.ns = xmpp::ns::hints, .kept = false}};

}  // namespace

extern const Feature hints_feature{.name = "hints", .spec = "XEP-0334", .payloads = payloads};

}  // namespace muc
