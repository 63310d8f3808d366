// SPDX-License-Identifier: Apache-2.0
#include "probe/strophe.h"

#include <string_view>
#include <vector>

namespace probe {
namespace {

std::string_view text(const char* value) { return value ? value : ""; }

void copy_attributes(xmpp_stanza_t* stanza, xmpp::Element& element) {
  const int count = xmpp_stanza_get_attribute_count(stanza);
  if (count <= 0) return;
  std::vector<const char*> pairs(2 * static_cast<std::size_t>(count));
  const int got = xmpp_stanza_get_attributes(stanza, pairs.data(), 2 * count);
  for (int i = 0; i + 1 < got; i += 2) {
    const auto at = static_cast<std::size_t>(i);
    if (text(pairs[at]) != "xmlns") element.set_attr(text(pairs[at]), text(pairs[at + 1]));
  }
}

}  // namespace

xmpp::Element to_element(xmpp_stanza_t* stanza) {
  xmpp::Element element(text(xmpp_stanza_get_name(stanza)), text(xmpp_stanza_get_ns(stanza)));
  copy_attributes(stanza, element);
  for (auto* child = xmpp_stanza_get_children(stanza); child; child = xmpp_stanza_get_next(child)) {
    if (xmpp_stanza_is_text(child))
      element.add_text(text(xmpp_stanza_get_text_ptr(child)));
    else if (xmpp_stanza_is_tag(child))
      element.add(to_element(child));
  }
  return element;
}

}  // namespace probe
