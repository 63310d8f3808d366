// SPDX-License-Identifier: Apache-2.0
// XEP-0059 result set management: which page of a list is asked for, and what is said about the
// page that was given.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"

namespace xmpp {

struct PageRequest {
  std::optional<std::size_t> max;     // 0: only the number of items is wanted (2.7)
  std::optional<std::string> after;   // the page starts behind this item
  std::optional<std::string> before;  // it ends in front of this one; "": at the end of the list
  bool backward() const { return before.has_value(); }
};

// Of a <set/>. `max` that is no number, and anything given twice: bad-request. Pages by <index/>:
// feature-not-implemented (2.6). A number too large for size_t is the largest.
base::Result<PageRequest, StanzaError> parse_page_request(const Element& set);

struct PageNote {
  std::string first = {}, last = {};  // "": the page is empty
  std::optional<std::size_t> index = {}, count = {};
};
Element to_element(const PageNote& note);

}  // namespace xmpp
