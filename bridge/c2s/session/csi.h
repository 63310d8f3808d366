// SPDX-License-Identifier: Apache-2.0
// Client state indication (XEP-0352): what may wait while nobody looks at the client. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace bridge::c2s {

// As many stanzas wait at most; then all of them go.
inline constexpr std::size_t csi_held_max = 200;

// `stanza` as we serialise it: presence that only says how somebody is, and messages that carry
// nothing but a chat state (XEP-0085). What concerns the client itself (its own entry to or exit
// from a room, an error, a request to subscribe) does not wait.
bool may_wait(std::string_view stanza);

}  // namespace bridge::c2s
