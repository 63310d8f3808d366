// SPDX-License-Identifier: Apache-2.0
// ElementReader: elements from text that we wrote ourselves (to_xml with an empty scope or that of
// a client's stream). One thread at a time; reading many with one reader is cheap.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "xmpp/element.h"

namespace xmpp {

class ElementReader {
 public:
  ElementReader();
  ~ElementReader();
  ElementReader(const ElementReader&) = delete;
  ElementReader& operator=(const ElementReader&) = delete;

  // nullopt: not exactly one whole element.
  std::optional<Element> read(std::string_view xml);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xmpp
