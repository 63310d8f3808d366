// SPDX-License-Identifier: Apache-2.0
#include "xmpp/scram.h"

#include <catch2/catch.hpp>

using namespace xmpp;
using base::Hash;

namespace {

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

// What a server does with a client's proof, RFC 5802 §3.
bool proof_holds(Hash hash, const ScramKeys& keys, const std::string& auth_message,
                 std::string_view proof) {
  const std::string signature = base::hmac(hash, keys.stored_key, auth_message);
  return base::digest(hash, exclusive_or(*base::from_base64(proof), signature)) == keys.stored_key;
}

}  // namespace

TEST_CASE("the keys fit the exchange of RFC 5802 section 5") {
  const ScramKeys keys =
      derive_scram_keys(Hash::sha1, "pencil", *base::from_base64("QSXCR+Q6sek8bf92"), 4096);
  const std::string message =
      "n=user,r=fyko+d2lbbFgONRv9qkxdawL,"
      "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,"
      "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
  CHECK(proof_holds(Hash::sha1, keys, message, "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="));
  CHECK(base::base64(base::hmac(Hash::sha1, keys.server_key, message)) ==
        "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

TEST_CASE("the keys fit the exchange of RFC 7677 section 3") {
  const ScramKeys keys = derive_scram_keys(Hash::sha256, "pencil",
                                           *base::from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  const std::string message =
      "n=user,r=rOprNGfwEbeRWgbNEkqO,"
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  CHECK(proof_holds(Hash::sha256, keys, message, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  CHECK(base::base64(base::hmac(Hash::sha256, keys.server_key, message)) ==
        "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_CASE("only the right password matches") {
  for (const Hash hash : {Hash::sha1, Hash::sha256}) {
    const ScramKeys keys = derive_scram_keys(hash, "pencil", "salt", 10);
    CHECK(password_matches(hash, "pencil", keys));
    CHECK_FALSE(password_matches(hash, "Pencil", keys));
    CHECK_FALSE(password_matches(hash, "", keys));
    CHECK_FALSE(password_matches(hash, "pencil", ScramKeys{}));
  }
}

TEST_CASE("passwords are prepared as RFC 4013 section 3 shows") {
  CHECK(prepare_password("I\u00ADX") == "IX");
  CHECK(prepare_password("user") == "user");
  CHECK(prepare_password("USER") == "USER");
  CHECK(prepare_password("\u00AA") == "a");
  CHECK(prepare_password("\u2168") == "IX");
  CHECK(prepare_password("\x07").empty());
  CHECK(prepare_password("\u06271").empty());
  CHECK(prepare_password("a b\u00A0c") == "a b c");
  CHECK(prepare_password("\xff").empty());
  CHECK(prepare_password("").empty());
  CHECK(prepare_password("🐎").size() == 4);
}

TEST_CASE("passwords are limited to 1 KiB") {
  CHECK(prepare_password(std::string(1023, 'x')).size() == 1023);
  CHECK(prepare_password(std::string(1024, 'x')).size() == 1024);
  CHECK(prepare_password(std::string(1025, 'x')).empty());
}
