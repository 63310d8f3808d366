// SPDX-License-Identifier: Apache-2.0
// Whether a stanza is what a transcript expects. Extra children and attributes are tolerated unless
// the comparison is strict, or becomes so by scansion:strict='yes' on an element. "{scansion:any}"
// stands for any text, "{scansion:save NAME}" too: what stood there is ${NAME} from then on.
#pragma once

#include <map>
#include <string>

#include "xmpp/element.h"

namespace tests {

// "" if it matches, else where it does not.
std::string mismatch(const xmpp::Element& expected, const xmpp::Element& actual, bool strict);

// What `expected` wants saved, from an `actual` that matches it.
void save(const xmpp::Element& expected, const xmpp::Element& actual,
          std::map<std::string, std::string>& variables);

}  // namespace tests
