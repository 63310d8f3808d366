// SPDX-License-Identifier: Apache-2.0
// Jid: an XMPP address, always prepared (RFC 7622; prepared with the stringprep profiles of
// RFC 6122 as today's peers do, domainpart by IDNA). A Jid that exists is well-formed: compare,
// hash and store it as text.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp {

class Jid {
 public:
  Jid() = default;  // the empty address: "no JID here"; only empty() may be asked of it

  // nullopt if any part is malformed or over 1023 bytes after preparation.
  static std::optional<Jid> parse(std::string_view text);
  static std::optional<Jid> from_parts(std::string_view local, std::string_view domain,
                                       std::string_view resource = {});

  bool empty() const { return text_.empty(); }
  bool is_bare() const { return resource_at_ == 0; }
  bool has_local() const { return domain_at_ != 0; }

  std::string_view local() const;     // localpart, "" if none
  std::string_view domain() const;    // domainpart
  std::string_view resource() const;  // resourcepart, "" if none
  const std::string& str() const { return text_; }
  std::string_view bare_str() const;  // text of the bare JID; borrows from this

  Jid bare() const;
  // The same bare JID with this resourcepart (prepared; nullopt if malformed or empty).
  std::optional<Jid> with_resource(std::string_view resource) const;

  friend bool operator==(const Jid& a, const Jid& b) { return a.text_ == b.text_; }
  friend auto operator<=>(const Jid& a, const Jid& b) { return a.text_ <=> b.text_; }

 private:
  std::string text_;
  std::uint16_t domain_at_ = 0;    // 0: no localpart, else the index after '@'
  std::uint16_t resource_at_ = 0;  // 0: bare, else the index after '/'
};

// The three preparations by themselves (nodeprep, IDNA+nameprep, resourceprep); nullopt if the text
// is refused or empty.
std::optional<std::string> prepare_local(std::string_view text);
std::optional<std::string> prepare_domain(std::string_view text);
std::optional<std::string> prepare_resource(std::string_view text);

}  // namespace xmpp

template <>
struct std::hash<xmpp::Jid> {
  std::size_t operator()(const xmpp::Jid& jid) const noexcept {
    return std::hash<std::string>{}(jid.str());
  }
};
