// SPDX-License-Identifier: Apache-2.0
// A room's vCard: what is put on record, and limits.
#include <catch2/catch.hpp>

#include "base/crypto.h"
#include "muc/state/vcard.h"
#include "tests/unit/muc/world.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"

namespace {

constexpr const char* room = "r@chat.localhost";
constexpr const char* owner = "romeo@localhost/orchard";

// A PNG of so many bytes, as far as we look.
std::string png(std::size_t bytes) {
  std::string data = "\x89PNG\r\n\x1a\n";
  data.resize(bytes, 'x');
  return data;
}
std::string photo(const std::string& data) {
  return "<PHOTO><TYPE>image/png</TYPE><BINVAL>" + base::base64(data) + "</BINVAL></PHOTO>";
}

struct AvatarWorld : tests::MucWorld {
  AvatarWorld() {
    enter(owner, "r@chat.localhost/Romeo");
    accept(owner, room);
    forget_inbox(owner);
  }
  // The condition of the refusal; "" if it was done.
  std::string set(const std::string& parts) {
    forget_inbox(owner);
    send(owner, std::string("<iq type='set' id='s' to='") + room + "'><vCard xmlns='vcard-temp'>" +
                    parts + "</vCard></iq>");
    return condition(next(owner));
  }
  std::optional<xmpp::Element> ask(const std::string& payload) {
    forget_inbox(owner);
    send(owner, std::string("<iq type='get' id='g' to='") + room + "'>" + payload + "</iq>");
    return next(owner);
  }
  std::string kept() {
    const auto reply = ask("<vCard xmlns='vcard-temp'/>");
    return reply->child("vCard", xmpp::ns::vcard) == nullptr ? condition(reply) : "a vCard";
  }
  // What disco#info says of it; nullopt without the field.
  std::optional<std::vector<std::string>> hashes() {
    const auto reply = ask("<query xmlns='http://jabber.org/protocol/disco#info'/>");
    const auto* form = reply->child("query", xmpp::ns::disco_info)->child("x", xmpp::ns::data_form);
    const auto fields = xmpp::parse_form(*form)->fields;
    for (const auto& field : fields)
      if (field.var == "muc#roominfo_avatarhash") return field.values;
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE("BI-MUC-36: a photo may have 64 KiB, not a byte more") {
  constexpr std::size_t limit = muc::vcard_photo_bytes;
  CHECK(limit == 65536);
  AvatarWorld world;
  CHECK(world.set(photo(png(limit - 1))) == "");
  CHECK(world.set(photo(png(limit))) == "");
  CHECK(world.set(photo(png(limit + 1))) == "policy-violation");
  CHECK(world.set(photo(png(limit + 2))) == "policy-violation");
  CHECK(world.set(photo(png(limit + 3))) == "policy-violation");
  CHECK(world.set(photo(png(1 << 20))) == "policy-violation");
  CHECK(world.recorded<record::RoomVcardChanged>().size() == 2);
  CHECK(world.kept() == "a vCard");
}

TEST_CASE("BI-MUC-36: a vCard may have 128 KiB, not a byte more, and four photos") {
  constexpr std::size_t limit = muc::vcard_bytes;
  AvatarWorld world;
  const std::string around = "<vCard xmlns='vcard-temp'><DESC></DESC></vCard>";
  const auto of_size = [&](std::size_t bytes) {
    return "<DESC>" + std::string(bytes - around.size(), 'x') + "</DESC>";
  };
  CHECK(world.set(of_size(limit - 1)) == "");
  CHECK(world.set(of_size(limit)) == "");
  CHECK(world.recorded<record::RoomVcardChanged>().back().vcard.size() == limit);
  CHECK(world.set(of_size(limit + 1)) == "policy-violation");
  CHECK(world.set(photo(png(limit / 2)) + photo(png(limit / 2))) == "policy-violation");
  std::string photos = photo(png(9)) + photo(png(10)) + photo(png(11));
  CHECK(world.set(photos) == "");
  photos += photo(png(12));
  CHECK(world.set(photos) == "");
  CHECK(world.set(photos + photo(png(13))) == "policy-violation");
}

TEST_CASE("a vCard is on record with its hashes, and only they stay in memory") {
  AvatarWorld world;
  CHECK(world.hashes() == std::nullopt);
  CHECK(world.set("<FN>Balcony</FN>" + photo(png(20)) + photo(png(10))) == "");
  const auto first = base::hex(base::digest(base::Hash::sha1, png(20)));
  const auto second = base::hex(base::digest(base::Hash::sha1, png(10)));
  const auto changed = world.recorded<record::RoomVcardChanged>();
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].hashes == std::vector<std::string>{first, second});
  CHECK(changed[0].vcard.starts_with("<vCard xmlns='vcard-temp'><FN>Balcony</FN><PHOTO>"));
  CHECK(world.server.store().log().back().actor.jid.str() == owner);
  CHECK(world.hashes() == changed[0].hashes);
  CHECK(world.set("<FN>Balcony</FN>") == "");
  CHECK(world.hashes() == std::nullopt);
  CHECK(world.kept() == "a vCard");
  CHECK(world.set("") == "");
  CHECK(world.recorded<record::RoomVcardChanged>().back().vcard.empty());
  CHECK(world.hashes() == std::nullopt);
  CHECK(world.kept() == "item-not-found");
}

TEST_CASE("setting a vCard needs a record, asking for one does not") {
  AvatarWorld world;
  const auto iq = [](const std::string& type) {
    return tests::parse_xml("<iq type='" + type +
                            "' from='romeo@localhost/orchard' to='r@chat.localhost'>"
                            "<vCard xmlns='vcard-temp'/></iq>")
        .front();
  };
  CHECK(world.server.service().needs_record(iq("set")));
  CHECK_FALSE(world.server.service().needs_record(iq("get")));
}
