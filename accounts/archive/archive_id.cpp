// SPDX-License-Identifier: Apache-2.0
#include "accounts/archive/archive_id.h"

#include "base/crypto.h"

namespace accounts {
namespace {

constexpr std::size_t half = 8;

// The sign bit tells it from a room.
std::string whose(std::string_view localpart) {
  const auto hash = base::sha256(localpart);
  std::string bytes(base::as_chars(hash).substr(0, half));
  bytes[0] = static_cast<char>(static_cast<unsigned char>(bytes[0]) | 0x80u);
  return bytes;
}

}  // namespace

std::string make_archive_id(std::string_view key, std::string_view localpart, std::int64_t number) {
  std::string block = whose(localpart);
  for (int shift = 56; shift >= 0; shift -= 8)
    block.push_back(static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xFFu));
  return base::base64url(base::as_chars(base::aes128_encrypt_block(key, block)));
}

std::optional<std::int64_t> read_archive_id(std::string_view key, std::string_view localpart,
                                            std::string_view id) {
  const auto block = base::from_base64url(id);
  if (!block || block->size() != 2 * half) return std::nullopt;
  const auto plain = base::aes128_decrypt_block(key, *block);
  const std::string_view bytes = base::as_chars(plain);
  if (bytes.substr(0, half) != whose(localpart)) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : bytes.substr(half)) number = (number << 8) | static_cast<unsigned char>(c);
  if (number == 0 || (number >> 63) != 0) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace accounts
