// SPDX-License-Identifier: Apache-2.0
// Chat states: handed on like anything else an occupant says, but a message with nothing besides
// says nothing to one who reads it later.
#include "muc/feature.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

constexpr Payload payloads[] = {{.ns = xmpp::ns::chat_states, .kept = false}};

}  // namespace

extern const Feature chat_states_feature{
    .name = "chat_states", .spec = "XEP-0085", .payloads = payloads};

}  // namespace muc
