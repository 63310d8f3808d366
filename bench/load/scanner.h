// SPDX-License-Identifier: Apache-2.0
// Scanner: cuts the bytes of an XML stream into its top-level elements without building them, cheap
// enough to follow ten thousand streams. It shares no code with xmpp/: what is measured does not
// vouch for itself. It trusts its input to be well-formed and without comments or CDATA sections,
// which XMPP servers do not send.
//
// Use:  (begin (next)* until nullopt)*    restart() after a SASL success
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bench {

// Views into the scanner's input, valid until the next begin() or next().
struct Stanza {
  enum class Kind { open, element, close };
  Kind kind = Kind::element;
  std::string_view name;  // without prefix
  std::string_view text;  // the whole element

  // Attribute of the element itself, as written (entities stay); "" when absent.
  std::string_view attr(std::string_view wanted) const;
  // What stands in the first <body>, as written; nullopt if there is none.
  std::optional<std::string_view> body() const;
  bool has(std::string_view part) const { return text.find(part) != std::string_view::npos; }
};

class Scanner {
 public:
  // `bytes` must live until next() has returned nullopt.
  void begin(std::string_view bytes);
  std::optional<Stanza> next();
  void restart();

 private:
  std::optional<std::size_t> end_of_tag(std::size_t at) const;
  std::optional<std::size_t> end_of_element(std::size_t at) const;
  std::optional<Stanza> take(Stanza::Kind kind, std::size_t from, std::size_t to);
  void keep_rest();

  std::string_view input_;
  std::size_t at_ = 0;
  std::string rest_;
  bool open_ = false;
};

}  // namespace bench
