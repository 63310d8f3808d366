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
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::uint8_t not_in_alphabet = 0xff;

using Reverse = std::array<std::uint8_t, 256>;

constexpr Reverse reverse(std::string_view alphabet) {
  Reverse table{};
  for (auto& value : table) value = not_in_alphabet;
  for (std::uint8_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = i;
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

constexpr std::size_t decoded_size(std::size_t digits) { return digits * 6 / 8; }

// `text`, without padding, to where there is room for its decoded_size().
bool decode(std::string_view text, const Reverse& values, unsigned char* to) {
  if (text.size() % 4 == 1) return false;
  std::uint32_t bits = 0;
  unsigned pending = 0;
  for (const char c : text) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    if (value == not_in_alphabet) return false;
    bits = bits << 6 | value;
    pending += 6;
    if (pending < 8) continue;
    pending -= 8;
    *to++ = static_cast<unsigned char>(bits >> pending & 0xff);
    bits &= (1u << pending) - 1;
  }
  return bits == 0;  // left-over bits must be zero, else two texts mean the same
}

std::optional<std::string> decode(std::string_view text, const Reverse& values) {
  std::string out(decoded_size(text.size()), '\0');
  if (!decode(text, values, reinterpret_cast<unsigned char*>(out.data()))) return std::nullopt;
  return out;
}

std::string_view without_padding(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

constexpr Reverse standard_values = reverse(standard_alphabet);

// To where there is room for half as many bytes.
bool decode_hex(std::string_view text, unsigned char* to) {
  static constexpr Reverse values = reverse(hex_digits);
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const unsigned high = values[static_cast<unsigned char>(text[i])];
    const unsigned low = values[static_cast<unsigned char>(text[i + 1])];
    if ((high | low) > 15) return false;
    *to++ = static_cast<unsigned char>(high << 4 | low);
  }
  return true;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out = encode(bytes, standard_alphabet);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  return decode(without_padding(text), standard_values);
}

std::string base64url(std::string_view bytes) { return encode(bytes, url_alphabet); }

std::optional<std::string> from_base64url(std::string_view text) {
  static constexpr Reverse values = reverse(url_alphabet);
  return decode(text, values);
}

std::string hex(std::string_view bytes) {
  std::string out(bytes.size() * 2, '\0');
  auto to = out.begin();
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *to++ = hex_digits[byte >> 4];
    *to++ = hex_digits[byte & 15];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out(text.size() / 2, '\0');
  if (!decode_hex(text, reinterpret_cast<unsigned char*>(out.data()))) return std::nullopt;
  return out;
}

std::optional<Sha256> as_sha256(std::string_view bytes) {
  Sha256 out{};
  if (bytes.size() != out.size()) return std::nullopt;
  std::ranges::transform(bytes, out.begin(), [](char c) { return static_cast<unsigned char>(c); });
  return out;
}

std::optional<Sha256> sha256_from_hex(std::string_view text) {
  Sha256 out{};
  if (text.size() != out.size() * 2 || !decode_hex(text, out.data())) return std::nullopt;
  return out;
}

std::optional<Sha256> sha256_from_base64(std::string_view text) {
  Sha256 out{};
  const std::string_view digits = without_padding(text);
  if (text.size() % 4 != 0 || decoded_size(digits.size()) != out.size() ||
      !decode(digits, standard_values, out.data()))
    return std::nullopt;
  return out;
}

}  // namespace base
