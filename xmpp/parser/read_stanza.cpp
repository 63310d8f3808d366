// SPDX-License-Identifier: Apache-2.0
#include "xmpp/parser/read_stanza.h"

#include "xmpp/parser/element_reader.h"

namespace xmpp {

std::optional<Element> read_stanza(std::string_view stanza) { return ElementReader().read(stanza); }

}  // namespace xmpp
