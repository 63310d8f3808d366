// SPDX-License-Identifier: Apache-2.0
// TreeBuilder: makes one Element from expat's events. Depth and size are the parser's to limit.
#pragma once

#include <string_view>
#include <vector>

#include "xmpp/element.h"

namespace xmpp {

// Between namespace and local name in the names expat reports. No byte of UTF-8, so no namespace
// can contain it (CVE-2022-25236).
inline constexpr char name_separator = '\xff';

struct ExpandedName {
  std::string_view ns;
  std::string_view local;
};
ExpandedName expanded_name(const char* expat_name);

// Call order: start (start | text | end)* end take, where every start has its end.
class TreeBuilder {
 public:
  void start(const char* expat_name, const char** expat_attributes);
  void text(std::string_view data) { open_.back()->add_text(data); }
  void end() { open_.pop_back(); }
  std::size_t depth() const { return open_.size(); }
  Element take();

 private:
  Element root_;
  std::vector<Element*> open_;  // into root_: only the innermost gets children, so none moves
};

}  // namespace xmpp
