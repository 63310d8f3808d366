// SPDX-License-Identifier: Apache-2.0
// Leaf, version 1: the bytes of one event as they are hashed, archived and proved. Canonical JSON
// (RFC 8785) of at most 65,535 bytes. Free text and identifying data stand beside it as parts,
// bound by salted commitments. docs/archive-format.md gives it byte for byte, with vectors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/random.h"
#include "record/event.h"

namespace record {

// Everything the leaf needs that the event itself does not carry; the writer assigns it.
struct Placement {
  std::string source;       // "n1.7": node and incarnation
  std::int64_t sn = 0;      // dense within the source, from 1
  base::Sha256 previous{};  // hash of the source's leaf before, zeros for the first
  base::Sha256
      room_previous{};       // hash of the room's leaf before (room events), zeros for the first
  std::string id;            // UUIDv7
  std::int64_t mono_ns = 0;  // monotonic clock; the leaf carries whole microseconds
  std::string boot;          // boot id of the machine
  std::string local_domain;  // whose people are our own; "" = not known: `dom` is left out
};

struct Part {
  int n = 0;
  std::string kind;  // "body", "stanza", "nick", "full_jid", …
  std::string salt;  // 32 bytes
  std::string data;  // plaintext
};

struct Leaf {
  std::string bytes;
  base::Sha256 hash{};
  std::vector<Part> parts;
};

constexpr std::size_t leaf_size_max = 65535;

// SHA-256(0x00 || bytes), RFC 9162 §2.1.
base::Sha256 leaf_hash(std::string_view bytes);
// SHA-256("arc-part-v1" || 0x00 || salt || data).
base::Sha256 part_commitment(std::string_view salt, std::string_view data);
// "r-" + 16 hex digits: how leaves call a room.
std::string room_name(std::int64_t room_id);
// "p-" + 16 hex digits of HMAC-SHA-256(key, bare JID): who, without saying who.
std::string pseudonym(std::string_view key, const xmpp::Jid& jid);

// Pseudonyms under one key; those of late are remembered. One thread.
class Pseudonyms {
 public:
  explicit Pseudonyms(std::string key) : key_(std::move(key)) {}
  const std::string& of(const xmpp::Jid& jid);  // valid until the next call

 private:
  std::string key_;
  std::unordered_map<std::string, std::string> known_;
};

// `salts` yields 32 fresh bytes for each part, in their order; `pseudonym_key` is the stored
// secret. A leaf over the limit is our mistake: whatever may be long is a part.
Leaf build_leaf(const Event& event, const Placement& placement, std::string_view pseudonym_key,
                base::Random& salts);
Leaf build_leaf(const Event& event, const Placement& placement, Pseudonyms& pseudonyms,
                base::Random& salts);

// Where a leaf hangs in the chain of its source, read back from its bytes; nullopt if these are not
// a leaf's.
struct Link {
  std::string source;
  std::int64_t sn = 0;
  base::Sha256 previous{};
};
std::optional<Link> read_link(std::string_view leaf);

}  // namespace record
