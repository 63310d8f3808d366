// SPDX-License-Identifier: Apache-2.0
// Reads back one stanza of a client stream that was serialised here (xmpp/writer.h).
#pragma once

#include <optional>
#include <string_view>

#include "xmpp/element.h"

namespace xmpp {

// nullopt: it is not exactly one.
std::optional<Element> read_stanza(std::string_view stanza);

}  // namespace xmpp
