// SPDX-License-Identifier: Apache-2.0
#include "muc/history/ids.h"

#include "base/crypto.h"

namespace muc {
namespace {

void append_big_endian(std::string& out, std::int64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xFFu));
}

std::int64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = (value << 8) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string make_stanza_id(std::string_view key, const MessageId& id) {
  std::string block;
  append_big_endian(block, id.room_id);
  append_big_endian(block, id.number);
  return base::base64url(base::as_chars(base::aes128_encrypt_block(key, block)));
}

std::optional<MessageId> read_stanza_id(std::string_view key, std::string_view text) {
  const auto block = base::from_base64url(text);
  if (!block || block->size() != 16) return std::nullopt;
  const auto plain = base::aes128_decrypt_block(key, *block);
  const std::string_view bytes = base::as_chars(plain);
  const MessageId id{read_big_endian(bytes), read_big_endian(bytes.substr(8))};
  if (id.room_id <= 0 || id.number <= 0) return std::nullopt;
  return id;
}

// Fields are separated by NUL, which no JID holds (BI-MUC-43).
std::string make_occupant_id(std::string_view key, const xmpp::Jid& room, const xmpp::Jid& real) {
  std::string data(room.bare_str());
  data.push_back('\0');
  data += real.bare_str();
  return base::base64url(base::hmac(base::Hash::sha256, key, data));
}

}  // namespace muc
