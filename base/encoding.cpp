// SPDX-License-Identifier: Apache-2.0
// RFC 4648: base64, base64url and base16. Decoding is strict: one text for each byte string, so
// that ids and proofs cannot be written in two ways.
#include <algorithm>
#include <array>

#include "base/crypto.h"

namespace base {
namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t not_in_alphabet = 0xff;

using Reverse = std::array<std::uint8_t, 256>;

constexpr Reverse reverse(std::string_view alphabet) {
  Reverse table{};
  for (auto& value : table) value = not_in_alphabet;
  for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(alphabet[i])] = i;
  return table;
}

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
}

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group =
        byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    const std::size_t digits = bytes.size() - i >= 3 ? 4 : bytes.size() - i + 1;
    for (std::size_t d = 0; d < digits; ++d) out += alphabet[group >> (18 - 6 * d) & 63];
  }
  return out;
}

// `text` without padding.
std::optional<std::string> decode(std::string_view text, const Reverse& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned pending = 0;
  for (const char c : text) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    if (value == not_in_alphabet) return std::nullopt;
    bits = bits << 6 | value;
    pending += 6;
    if (pending < 8) continue;
    pending -= 8;
    out += static_cast<char>(bits >> pending & 0xff);
    bits &= (1u << pending) - 1;
  }
  if (bits != 0) return std::nullopt;  // left-over bits must be zero, else two texts mean the same
  return out;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out = encode(bytes, standard_alphabet);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  static constexpr Reverse values = reverse(standard_alphabet);
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode(text, values);
}

std::string base64url(std::string_view bytes) { return encode(bytes, url_alphabet); }

std::optional<std::string> from_base64url(std::string_view text) {
  static constexpr Reverse values = reverse(url_alphabet);
  return decode(text, values);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::optional<Sha256> as_sha256(std::string_view bytes) {
  Sha256 out{};
  if (bytes.size() != out.size()) return std::nullopt;
  std::ranges::transform(bytes, out.begin(), [](char c) { return static_cast<unsigned char>(c); });
  return out;
}

std::optional<Sha256> sha256_from_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  return bytes ? as_sha256(*bytes) : std::nullopt;
}

std::optional<Sha256> sha256_from_base64(std::string_view text) {
  const auto bytes = from_base64(text);
  return bytes ? as_sha256(*bytes) : std::nullopt;
}

}  // namespace base
