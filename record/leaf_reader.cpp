// SPDX-License-Identifier: Apache-2.0
#include "record/leaf_reader.h"

#include "record/json_reader.h"
#include "record/leaf.h"

namespace record {
namespace {

using json::Reader;

constexpr std::size_t base64_of_hash = 44;

std::optional<base::Sha256> hash(Reader& in) {
  const auto text = in.raw_string();
  if (!text || text->size() != base64_of_hash) return std::nullopt;
  return base::sha256_from_base64(*text);
}

// "r-" and 16 hex digits, lower case.
std::optional<std::int64_t> room_id(std::string_view name) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (name.size() != 18 || !name.starts_with("r-")) return std::nullopt;
  std::uint64_t id = 0;
  for (const char c : name.substr(2)) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    id = id << 4 | digit;
  }
  return static_cast<std::int64_t>(id);
}

template <class T>
bool put(const std::optional<T>& value, T& to) {
  if (value) to = *value;
  return value.has_value();
}
template <class T>
bool put(const std::optional<T>& value, std::optional<T>& to) {
  to = value;
  return value.has_value();
}

bool actor(Reader& in, LeafView& leaf) {
  in.begin_object();
  while (const auto key = in.key()) {
    bool good = false;
    if (*key == "p")
      good = put(in.raw_string(), leaf.pseudonym);
    else if (*key == "s")
      good = put(in.raw_string(), leaf.session);
    else if (*key == "af")
      good = put(in.integer(), leaf.affiliation);
    else if (*key == "ro")
      good = put(in.integer(), leaf.role);
    else if (*key == "dom")
      good = put(in.integer(), leaf.domain);
    else
      good = in.skip().has_value();
    if (!good) return false;
  }
  return !in.failed();
}

bool part(Reader& in, std::size_t number, LeafView::Part& out) {
  std::int64_t n = -1;
  bool committed = false;
  in.begin_object();
  while (const auto key = in.key()) {
    bool good = false;
    if (*key == "c")
      good = committed = put(hash(in), out.commitment);
    else if (*key == "k")
      good = put(in.raw_string(), out.kind);
    else if (*key == "n")
      good = put(in.integer(), n);
    else if (*key == "sz")
      good = put(in.integer(), out.size);
    else
      good = in.skip().has_value();
    if (!good) return false;
  }
  return !in.failed() && committed && n == static_cast<std::int64_t>(number);
}

bool parts(Reader& in, LeafView& leaf) {
  in.begin_array();
  leaf.parts.reserve(4);  // most have fewer
  while (in.element()) {
    LeafView::Part one;
    if (!part(in, leaf.parts.size(), one)) return false;
    leaf.parts.push_back(one);
  }
  return !in.failed();
}

// What there must be besides: counted as it comes.
struct Seen {
  int members = 0;
  std::int64_t version = 0;
};

bool member(Reader& in, std::string_view key, LeafView& leaf, Seen& seen) {
  if (key == "a") return actor(in, leaf);
  if (key == "room") {
    const auto name = in.raw_string();
    return name && put(room_id(*name), leaf.room_id);
  }
  if (key == "rn") return put(in.integer(), leaf.number);
  if (key == "rp") return put(hash(in), leaf.room_previous);
  ++seen.members;
  if (key == "boot") return put(in.raw_string(), leaf.boot);
  if (key == "d") return put(in.skip(), leaf.details) && leaf.details.starts_with('{');
  if (key == "id") return put(in.raw_string(), leaf.id);
  if (key == "mono") return put(in.integer(), leaf.mono_us);
  if (key == "parts") return parts(in, leaf);
  if (key == "sn") return put(in.integer(), leaf.sn);
  if (key == "sp") return put(hash(in), leaf.previous);
  if (key == "src") return put(in.raw_string(), leaf.source);
  if (key == "t") return put(in.integer(), leaf.code);
  if (key == "ts") return put(in.integer(), leaf.at_us);
  if (key == "v") return put(in.integer(), seen.version);
  --seen.members;
  return in.skip().has_value();
}

}  // namespace

std::optional<LeafView> read_leaf(std::string_view bytes) {
  constexpr int always = 11;
  if (bytes.size() > leaf_size_max) return std::nullopt;
  LeafView leaf;
  Seen seen;
  Reader in(bytes);
  in.begin_object();
  while (const auto key = in.key())
    if (!member(in, *key, leaf, seen)) return std::nullopt;
  if (!in.at_end() || seen.members != always || seen.version != 1) return std::nullopt;
  if (leaf.sn < 1 || leaf.room_id.has_value() != leaf.number.has_value()) return std::nullopt;
  return leaf;
}

}  // namespace record
