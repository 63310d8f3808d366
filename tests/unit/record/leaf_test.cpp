// SPDX-License-Identifier: Apache-2.0
#include "record/leaf.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/fakes.h"
#include "tests/unit/record/vector_events.h"

namespace {

using nlohmann::json;

std::string bytes_of(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

base::Sha256 digest_of(const std::string& hex) {
  base::Sha256 out{};
  std::ranges::transform(bytes_of(hex), out.begin(),
                         [](char c) { return static_cast<unsigned char>(c); });
  return out;
}

// Gives the bytes it was made of, in order, and fails when they run out.
class ReplayedRandom final : public base::Random {
 public:
  explicit ReplayedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::byte> out) override {
    REQUIRE(out.size() <= bytes_.size());
    std::ranges::copy(std::as_bytes(std::span(bytes_)).first(out.size()), out.begin());
    bytes_.erase(0, out.size());
  }
  bool used_up() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

record::Placement placement_of(const json& p) {
  return {p.at("source"),
          p.at("sn"),
          digest_of(p.at("previous")),
          digest_of(p.at("room_previous")),
          p.at("id"),
          p.at("mono_ns"),
          p.at("boot"),
          p.at("local_domain")};
}

json vectors() {
  std::ifstream file(LEAF_VECTORS);
  REQUIRE(file);
  return json::parse(file);
}

record::Event message(std::string stanza_id, std::string text) {
  record::Event event;
  event.at = {1};
  event.room_id = 5;
  event.number = 1;
  event.actor.jid = xmpp::Jid::parse("romeo@localhost/x").value();
  event.body = record::MessagePosted{"Romeo", text, text, std::move(stanza_id), text};
  return event;
}

}  // namespace

TEST_CASE("leaves are byte for byte what an independent program makes of the same events") {
  const json file = vectors();
  const std::string key = bytes_of(file.at("pseudonym_key"));
  std::set<int> seen;
  for (const auto& vector : file.at("vectors")) {
    INFO(vector.at("name").get<std::string>());
    const record::Event event = tests::vector_event(vector.at("event"));
    seen.insert(static_cast<int>(event.code()));
    ReplayedRandom salts(bytes_of(vector.at("salts")));
    const auto leaf = record::build_leaf(event, placement_of(vector.at("placement")), key, salts);
    CHECK(leaf.bytes == vector.at("leaf").get<std::string>());
    CHECK(base::hex(base::as_chars(leaf.hash)) == vector.at("hash").get<std::string>());
    CHECK(salts.used_up());
    REQUIRE(leaf.parts.size() == vector.at("parts").size());
    for (std::size_t i = 0; i < leaf.parts.size(); ++i) {
      CHECK(leaf.parts[i].n == static_cast<int>(i));
      CHECK(leaf.parts[i].kind == vector.at("parts")[i].at("kind").get<std::string>());
      CHECK(leaf.parts[i].data == vector.at("parts")[i].at("data").get<std::string>());
    }
  }
  // Every kind of event is there, but for those that have no leaf.
  const auto with_leaf = []<class... E>(std::variant<E...>*) {
    return (std::size_t{record::info(E::code).cls != record::Class::personal} + ...);
  };
  CHECK(seen.size() == with_leaf(static_cast<record::Body*>(nullptr)));
}

TEST_CASE("a leaf's link is read back from its bytes") {
  const json file = vectors();
  for (const auto& vector : file.at("vectors")) {
    INFO(vector.at("name").get<std::string>());
    const auto link = record::read_link(vector.at("leaf").get<std::string>());
    REQUIRE(link);
    CHECK(link->source == vector.at("placement").at("source").get<std::string>());
    CHECK(link->sn == vector.at("placement").at("sn").get<std::int64_t>());
    CHECK(link->previous == digest_of(vector.at("placement").at("previous")));
  }
  CHECK_FALSE(record::read_link(""));
  CHECK_FALSE(record::read_link(R"({"a":1,"sn":x,"sp":"AAAA","src":"n1.1"})"));
  CHECK_FALSE(record::read_link(R"({"a":1,"sn":1,"sp":"AAAA","src":"n1.1"})"));
}

TEST_CASE("long texts are parts, long words are cut: no event outgrows the leaf") {
  tests::SeededRandom salts;
  const std::string big(300000, 'x');
  const auto leaf = record::build_leaf(message(big, big), {"n1.1", 1}, "key", salts);
  CHECK(leaf.bytes.size() < 2000);
  CHECK(leaf.bytes.find(std::string(256, 'x')) != std::string::npos);
  CHECK(leaf.bytes.find(std::string(257, 'x')) == std::string::npos);
  CHECK(leaf.parts.at(0).data == big);
}

TEST_CASE("words are cut between characters") {
  tests::SeededRandom salts;
  const std::string word = std::string(255, 'x') + "é";
  const auto leaf = record::build_leaf(message(word, "t"), {"n1.1", 1}, "key", salts);
  CHECK(leaf.bytes.find(std::string(255, 'x') + "\"") != std::string::npos);
  const std::string fits = std::string(254, 'x') + "é";
  const auto whole = record::build_leaf(message(fits, "t"), {"n1.1", 1}, "key", salts);
  CHECK(whole.bytes.find(fits + "\"") != std::string::npos);
}

TEST_CASE("nothing that names a person stands in a leaf") {
  const json file = vectors();
  for (const auto& vector : file.at("vectors")) {
    const auto leaf = vector.at("leaf").get<std::string>();
    for (const auto* word : {"romeo", "Romeo", "nurse@", "Nurse", "Juliet", "Montague", "Balcony",
                             "cauldronburn", "192.0.2.7", "cullion", "orchard"})
      CHECK(leaf.find(word) == std::string::npos);
  }
}

TEST_CASE("pseudonyms are of people, not of their clients, and depend on the key") {
  const auto here = xmpp::Jid::parse("romeo@localhost/a").value();
  const auto there = xmpp::Jid::parse("romeo@localhost/b").value();
  const auto other = xmpp::Jid::parse("juliet@localhost/a").value();
  CHECK(record::pseudonym("k", here) == record::pseudonym("k", there));
  CHECK(record::pseudonym("k", here) != record::pseudonym("k", other));
  CHECK(record::pseudonym("k", here) != record::pseudonym("l", here));
  record::Pseudonyms remembered("k");
  CHECK(remembered.of(here) == record::pseudonym("k", here));
  CHECK(remembered.of(there) == record::pseudonym("k", here));
}

TEST_CASE("building a leaf", "[.bench]") {
  tests::SeededRandom salts;
  record::Pseudonyms pseudonyms("key");
  const auto event = message("abcdefgh-_ABCDEFGH0123", std::string(100, 'm'));
  record::Placement placement{"n1.1", 1};
  placement.id = "0198c7c2-0000-7000-8000-000000000001";
  placement.boot = "b7f1-0000";
  const base::SystemClock clock;
  const auto begin = clock.monotonic();
  constexpr int count = 200000;
  std::size_t bytes = 0;
  for (int i = 0; i < count; ++i)
    bytes += record::build_leaf(event, placement, pseudonyms, salts).bytes.size();
  const auto took = clock.monotonic() - begin;
  WARN(static_cast<double>(took) / count << " us for a leaf of " << bytes / count << " bytes");
}
