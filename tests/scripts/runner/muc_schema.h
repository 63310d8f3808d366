// SPDX-License-Identifier: Apache-2.0
// Whether what the room says in its own namespaces is as the four schemas of XEP-0045 (19) have it.
// Looser where the text is: a list of nobody is an empty query (9.5), a list that comes by pages
// says so inside (XEP-0059), an invitation may continue a chat (7.9), and the password of the place
// to go to (10.9) is told to those who are to go there.
#pragma once

#include <string>

#include "xmpp/element.h"

namespace tests {

// "" if it is, else what is not. Errors are not looked into: they repeat what somebody else said.
std::string muc_schema_fault(const xmpp::Element& stanza);

}  // namespace tests
