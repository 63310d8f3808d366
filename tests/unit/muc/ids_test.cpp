// SPDX-License-Identifier: Apache-2.0
#include "muc/history/ids.h"

#include <catch2/catch.hpp>
#include <set>

using muc::MessageId;

namespace {
const std::string key = "0123456789abcdef";
xmpp::Jid jid(const char* text) { return *xmpp::Jid::parse(text); }
}  // namespace

TEST_CASE("a stanza id can be read by who has the key") {
  for (const MessageId id :
       {MessageId{1, 1}, MessageId{INT64_MAX, INT64_MAX}, MessageId{123456789012345, 42}}) {
    const std::string text = muc::make_stanza_id(key, id);
    CHECK(text.size() == 22);
    CHECK(muc::read_stanza_id(key, text) == id);
  }
  CHECK(muc::make_stanza_id(key, {1, 2}) != muc::make_stanza_id(key, {1, 3}));
}

TEST_CASE("a stanza id of somebody else is none of ours") {
  CHECK_FALSE(muc::read_stanza_id(key, ""));
  CHECK_FALSE(muc::read_stanza_id(key, "not base64!"));
  CHECK_FALSE(muc::read_stanza_id(key, muc::make_stanza_id(key, {1, 1}).substr(1)));
  const std::string text = muc::make_stanza_id(key, {7, 9});
  CHECK(muc::read_stanza_id("fedcba9876543210", text) != MessageId{7, 9});
  CHECK_FALSE(muc::read_stanza_id(key, muc::make_stanza_id(key, {0, 1})));
  CHECK_FALSE(muc::read_stanza_id(key, muc::make_stanza_id(key, {1, -1})));
}

TEST_CASE("stanza ids of one room do not repeat and do not grow") {
  std::set<std::string> seen;
  std::string before;
  int grown = 0;
  for (int n = 1; n <= 1000; ++n) {
    const std::string id = muc::make_stanza_id(key, {5, n});
    CHECK(seen.insert(id).second);
    grown += id > before ? 1 : 0;
    before = id;
  }
  CHECK(grown > 400);
  CHECK(grown < 600);
}

TEST_CASE("an occupant id is one person in one room (BI-MUC-43)") {
  const std::string secret(32, 's');
  const auto id = muc::make_occupant_id(secret, jid("r@chat"), jid("a@b/phone"));
  CHECK(id == muc::make_occupant_id(secret, jid("r@chat/nick"), jid("a@b/desk")));
  CHECK(id != muc::make_occupant_id(secret, jid("r2@chat"), jid("a@b")));
  CHECK(id != muc::make_occupant_id(secret, jid("r@chat"), jid("a2@b")));
  CHECK(id != muc::make_occupant_id(std::string(32, 't'), jid("r@chat"), jid("a@b")));
  CHECK(muc::make_occupant_id(secret, jid("cd"), jid("a@b")) !=
        muc::make_occupant_id(secret, jid("d"), jid("a@bc")));
}
