// SPDX-License-Identifier: Apache-2.0
// SCRAM (RFC 5802, RFC 7677), the client's side, on OpenSSL alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bench {

enum class Mechanism { plain, scram_sha_1, scram_sha_256 };

const char* name_of(Mechanism mechanism);  // as SASL spells it

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

// PBKDF2 with HMAC of the mechanism's hash: the dear part of every login with a password (PLAIN
// counts as SCRAM-SHA-256, whose keys servers keep).
std::string salted_password(Mechanism mechanism, std::string_view password, std::string_view salt,
                            int iterations);

class Scram {
 public:
  // `mechanism` is not plain.
  Scram(Mechanism mechanism, std::string localpart, std::string password);

  std::string first() const;                                     // the client's first message
  std::optional<std::string> final(std::string_view challenge);  // nullopt: not for us
  bool server_knows(std::string_view verdict) const;             // "v=…": it has the password too

 private:
  Mechanism mechanism_;
  std::string localpart_, password_, nonce_, bare_, server_signature_;
};

}  // namespace bench
