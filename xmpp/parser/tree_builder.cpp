// SPDX-License-Identifier: Apache-2.0
#include "xmpp/parser/tree_builder.h"

namespace xmpp {

ExpandedName expanded_name(const char* expat_name) {
  const std::string_view name(expat_name);
  const auto separator = name.find(name_separator);
  if (separator == std::string_view::npos) return {{}, name};
  return {name.substr(0, separator), name.substr(separator + 1)};
}

void TreeBuilder::start(const char* expat_name, const char** expat_attributes) {
  const auto [ns, local] = expanded_name(expat_name);
  Element* element = &root_;
  if (open_.empty())
    root_ = Element(local, ns);
  else
    element = &open_.back()->add(local, ns);
  open_.push_back(element);

  std::size_t count = 0;
  while (expat_attributes[2 * count] != nullptr) ++count;
  element->attributes().reserve(count);
  for (const char** a = expat_attributes; *a != nullptr; a += 2) {
    const auto [attribute_ns, attribute_name] = expanded_name(a[0]);
    element->attributes().push_back(
        {std::string(attribute_name), std::string(a[1]), std::string(attribute_ns)});
  }
}

Element TreeBuilder::take() { return std::exchange(root_, Element()); }

}  // namespace xmpp
