// SPDX-License-Identifier: Apache-2.0
#include "record/leaf.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "record/details.h"
#include "record/json.h"

namespace record {
namespace {

constexpr std::size_t salt_size = 32;
constexpr std::size_t pseudonyms_remembered = 50000;

std::string actor(const Event& event, const Placement& placement, Pseudonyms& pseudonyms) {
  const Actor& who = event.actor;
  json::Object a;
  if (!who.session.empty()) a.text("s", who.session);
  if (!who.jid.empty()) {
    a.text("p", pseudonyms.of(who.jid));
    if (event.room_id != 0) {
      a.integer("af", static_cast<int>(who.affiliation));
      a.integer("ro", static_cast<int>(who.role));
    }
    if (!placement.local_domain.empty())
      a.integer("dom", who.jid.domain() == placement.local_domain ? 1 : 2);
  }
  return a.end();
}

std::string salted(std::vector<Part>& parts, base::Random& salts) {
  json::Array list;
  for (Part& part : parts) {
    part.salt.resize(salt_size);
    salts.fill(std::as_writable_bytes(std::span(part.salt)));
    json::Object entry;
    entry.integer("n", part.n);
    entry.text("k", part.kind);
    entry.integer("sz", static_cast<std::int64_t>(part.data.size()));
    entry.text("c", base::base64(base::as_chars(part_commitment(part.salt, part.data))));
    list.json(entry.end());
  }
  return list.end();
}

// The text between the last `before` and the next character that ends a value. Within a JSON string
// every quote is escaped, so `before`, which has bare ones, matches a member only; the last of that
// name is the leaf's own, since `d` and `parts` come before it.
std::optional<std::string_view> value_after(std::string_view leaf, std::string_view before,
                                            std::string_view ends) {
  const std::size_t at = leaf.rfind(before);
  if (at == std::string_view::npos) return std::nullopt;
  leaf.remove_prefix(at + before.size());
  const std::size_t end = leaf.find_first_of(ends);
  if (end == std::string_view::npos) return std::nullopt;
  return leaf.substr(0, end);
}

}  // namespace

std::string room_name(std::int64_t room_id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "r-";
  for (int shift = 60; shift >= 0; shift -= 4)
    out += digits[static_cast<std::uint64_t>(room_id) >> shift & 15];
  return out;
}

base::Sha256 leaf_hash(std::string_view bytes) {
  return base::sha256_parts({std::string_view("\0", 1), bytes});
}

base::Sha256 part_commitment(std::string_view salt, std::string_view data) {
  return base::sha256_parts({std::string_view("arc-part-v1\0", 12), salt, data});
}

std::string pseudonym(std::string_view key, const xmpp::Jid& jid) {
  const std::string mac = base::hmac(base::Hash::sha256, key, jid.bare_str());
  return "p-" + base::hex(std::string_view(mac).substr(0, 8));
}

const std::string& Pseudonyms::of(const xmpp::Jid& jid) {
  if (known_.size() >= pseudonyms_remembered) known_.clear();
  auto [at, fresh] = known_.try_emplace(std::string(jid.bare_str()));
  if (fresh) at->second = pseudonym(key_, jid);
  return at->second;
}

Leaf build_leaf(const Event& event, const Placement& placement, Pseudonyms& pseudonyms,
                base::Random& salts) {
  const Code code = event.code();
  Details of = details(event, pseudonyms);
  json::Object leaf;
  leaf.integer("v", 1);
  leaf.text("src", placement.source);
  leaf.integer("sn", placement.sn);
  leaf.text("sp", base::base64(base::as_chars(placement.previous)));
  leaf.text("id", placement.id);
  leaf.integer("t", static_cast<int>(code));
  leaf.integer("ts", event.at.us);
  leaf.integer("mono", placement.mono_ns / 1000);
  leaf.text("boot", placement.boot);
  if (event.room_id != 0) {
    leaf.text("room", room_name(event.room_id));
    leaf.integer("rn", event.number);
    if (info(code).cls == Class::room)
      leaf.text("rp", base::base64(base::as_chars(placement.room_previous)));
  }
  if (const std::string who = actor(event, placement, pseudonyms); who != "{}") leaf.json("a", who);
  leaf.json("d", of.d);
  leaf.json("parts", salted(of.parts, salts));

  Leaf out;
  out.bytes = leaf.end();
  CHECK(out.bytes.size() <= leaf_size_max);
  out.hash = leaf_hash(out.bytes);
  out.parts = std::move(of.parts);
  return out;
}

Leaf build_leaf(const Event& event, const Placement& placement, std::string_view pseudonym_key,
                base::Random& salts) {
  Pseudonyms pseudonyms{std::string(pseudonym_key)};
  return build_leaf(event, placement, pseudonyms, salts);
}

std::optional<Link> read_link(std::string_view leaf) {
  const auto source = value_after(leaf, R"(,"src":")", "\"");
  const auto sn = value_after(leaf, R"(,"sn":)", ",}");
  const auto previous = value_after(leaf, R"(,"sp":")", "\"");
  if (!source || !sn || !previous) return std::nullopt;
  Link link{std::string(*source), 0, {}};
  const auto number = std::from_chars(sn->data(), sn->data() + sn->size(), link.sn);
  const auto hash = base::sha256_from_base64(*previous);
  if (number.ec != std::errc{} || number.ptr != sn->data() + sn->size() || !hash)
    return std::nullopt;
  link.previous = *hash;
  return link;
}

}  // namespace record
