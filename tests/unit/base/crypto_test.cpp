// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.h"

#include <catch2/catch.hpp>

using namespace base;

namespace {

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

}  // namespace

TEST_CASE("SHA-1 and SHA-256 give the digests of FIPS 180") {
  CHECK(hex(as_chars(sha256("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(as_chars(sha256(""))) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest(Hash::sha256, "abc") == as_chars(sha256("abc")));
  CHECK(hex(digest(Hash::sha1, "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(digest(Hash::sha1, std::string_view{}).size() == 20);
}

TEST_CASE("a digest over parts is the digest of their concatenation") {
  CHECK(sha256_parts({"a", "", "bc"}) == sha256("abc"));
  CHECK(sha256_parts({}) == sha256(""));
}

TEST_CASE("HMAC gives the values of RFC 2202 and RFC 4231") {
  const std::string key(20, '\x0b');
  CHECK(hex(hmac(Hash::sha1, key, "Hi There")) == "b617318655057264e28bc0b6fb378c8ef146be00");
  CHECK(hex(hmac(Hash::sha256, key, "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac(Hash::sha1, "Jefe", "what do ya want for nothing?")) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(hex(hmac(Hash::sha256, "Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string long_key(131, '\xaa');
  CHECK(
      hex(hmac(Hash::sha256, long_key, "Test Using Larger Than Block-Size Key - Hash Key First")) ==
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HMAC takes an empty key") {
  CHECK(hex(hmac(Hash::sha256, std::string_view{}, std::string_view{})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("PBKDF2 with SHA-1 gives the values of RFC 6070") {
  CHECK(hex(pbkdf2(Hash::sha1, "password", "salt", 1)) ==
        "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  CHECK(hex(pbkdf2(Hash::sha1, "password", "salt", 2)) ==
        "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
  CHECK(hex(pbkdf2(Hash::sha1, "password", "salt", 4096)) ==
        "4b007901b765489abead49d926f721d065a429c1");
}

TEST_CASE("PBKDF2 with SHA-256 gives the values of RFC 7914 section 11") {
  // The RFC prints 64 bytes; the first 32 are the first block, which is all we derive.
  CHECK(hex(pbkdf2(Hash::sha256, "passwd", "salt", 1)) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  CHECK(hex(pbkdf2(Hash::sha256, "Password", "NaCl", 80000)) ==
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}

TEST_CASE("one AES-128 block is that of FIPS 197 and can be undone") {
  const std::string key = unhex("000102030405060708090a0b0c0d0e0f");
  const std::string block = unhex("00112233445566778899aabbccddeeff");
  const auto sealed = aes128_encrypt_block(key, block);
  CHECK(hex(as_chars(sealed)) == "69c4e0d86a7b0430d8cdb78070b4c55a");
  CHECK(as_chars(aes128_decrypt_block(key, as_chars(sealed))) == block);
}

TEST_CASE("secrets are equal only when every byte is") {
  CHECK(equal_constant_time("secret", "secret"));
  CHECK(equal_constant_time("", ""));
  CHECK_FALSE(equal_constant_time("secret", "secreT"));
  CHECK_FALSE(equal_constant_time("secret", "secre"));
  CHECK_FALSE(equal_constant_time("", "x"));
}

TEST_CASE("base64 encodes as RFC 4648 section 10 and decodes back") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(base64(plain) == encoded);
    CHECK(from_base64(encoded) == std::string(plain));
  }
  CHECK(base64("\xfb\xff\xfe") == "+//+");
  CHECK(base64url("\xfb\xff\xfe") == "-__-");
  CHECK(base64url("f") == "Zg");
  CHECK(from_base64url("Zg") == std::string("f"));
}

TEST_CASE("base64 refuses what is not canonical") {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zh==", "Zm9=",
                          "Zm8=Zm8=", "Zg==\n", " Zg==", "-__-", "Zm9*", "Z=g=", "\xc3\xa9=="})
    CHECK_FALSE(from_base64(bad).has_value());
  CHECK_FALSE(from_base64(std::string_view("Zm9v\0AAA", 8)).has_value());
  for (const char* bad : {"Zg==", "Z", "Zh", "+//+", "Zm9v\n", "Zm9"})
    CHECK_FALSE(from_base64url(bad).has_value());
}

TEST_CASE("every byte survives base64, base64url and hex") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const std::string bytes = all.substr(all.size() - size);
    REQUIRE(from_base64(base64(bytes)) == bytes);
    REQUIRE(from_base64url(base64url(bytes)) == bytes);
    REQUIRE(unhex(hex(bytes)) == bytes);
  }
}

TEST_CASE("a digest is read from hex and base64 as any text of 32 bytes, and nothing else is one") {
  const auto digest = base::sha256("abc");
  const std::string bytes(base::as_chars(digest)), hexed = hex(bytes), sixty_four = base64(bytes);
  CHECK(base::sha256_from_hex(hexed) == digest);
  CHECK(base::sha256_from_base64(sixty_four) == digest);
  for (std::size_t at = 0; at < hexed.size(); ++at)
    for (const char odd : {'g', 'A', '\0', '/', ':', '\xff'}) {
      auto other = hexed;
      other[at] = odd;
      REQUIRE_FALSE(base::sha256_from_hex(other));
      REQUIRE_FALSE(base::from_hex(other));
    }
  for (std::size_t at = 0; at < sixty_four.size() - 1; ++at) {
    auto other = sixty_four;
    other[at] = '-';
    REQUIRE_FALSE(base::sha256_from_base64(other));
  }
  for (const auto& size : {std::size_t{0}, std::size_t{31}, std::size_t{33}, std::size_t{64}}) {
    const std::string other(size, 'x');
    CHECK_FALSE(base::sha256_from_hex(hex(other)));
    CHECK_FALSE(base::sha256_from_base64(base64(other)));
  }
  CHECK_FALSE(base::sha256_from_hex(hexed + "a"));
  CHECK_FALSE(base::sha256_from_base64(sixty_four.substr(0, 43)));
  CHECK_FALSE(base::sha256_from_base64(sixty_four.substr(0, 42) + "=="));
}
