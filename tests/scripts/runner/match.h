// SPDX-License-Identifier: Apache-2.0
// Whether a stanza is what a transcript expects. Extra children and attributes are tolerated unless
// the comparison is strict, or becomes so by scansion:strict='yes' on an element. "{scansion:any}"
// stands for any text.
#pragma once

#include <string>

#include "xmpp/element.h"

namespace tests {

// "" if it matches, else where it does not.
std::string mismatch(const xmpp::Element& expected, const xmpp::Element& actual, bool strict);

}  // namespace tests
