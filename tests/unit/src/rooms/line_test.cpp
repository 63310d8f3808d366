// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/line.h"

#include <catch2/catch.hpp>

#include "src/rooms/lost_answer.h"
#include "xmpp/ns.h"

using server::BacklogLimits;
using server::Line;
using Behind = server::Line::Behind;

namespace {

const xmpp::Jid room = *xmpp::Jid::parse("r@chat.localhost");
const xmpp::Jid romeo = *xmpp::Jid::parse("romeo@localhost/x");

muc::Effect send(std::string text) {
  return muc::Send{romeo, {base::make_payload(std::move(text))}};
}

record::Event event(record::Body body) {
  return {.at = {}, .actor = {.jid = romeo}, .body = std::move(body)};
}

}  // namespace

TEST_CASE("line: an effect is due when what it stands behind is settled") {
  std::size_t all = 0;
  Line line(all);
  line.push(send("first"), Behind::submitted);
  CHECK(line.due());
  line.pop();
  line.push(send("second"), Behind::next);
  CHECK(line.submit(room, {}) == 1);
  CHECK_FALSE(line.due());
  CHECK(line.submit(room, {}) == 2);
  line.push(send("third"), Behind::submitted);
  line.settle(1);
  CHECK(line.due());
  line.pop();
  CHECK_FALSE(line.due());
  CHECK_FALSE(line.all_settled());
  line.settle(2);
  CHECK(line.due());
  line.pop();
  CHECK(line.empty());
  CHECK(line.all_settled());
  CHECK(all == 0);
}

TEST_CASE("line: receipts that wait are no effects") {
  std::size_t all = 0;
  Line line(all);
  const BacklogLimits limits{.effects = 2};
  line.push(send("a"), Behind::submitted);
  for (int i = 0; i < 3; ++i) line.push(muc::Handled{}, Behind::submitted);
  CHECK_FALSE(line.full(limits));
  line.push(send("b"), Behind::submitted);
  CHECK(line.full(limits));
  line.pop();
  CHECK_FALSE(line.full(limits));
  for (int i = 0; i < 3; ++i) line.pop();
  line.push(send("c"), Behind::submitted);
  CHECK(line.full(limits));
  line.drop();
  CHECK_FALSE(line.full(limits));
}

TEST_CASE("line: full by count, one below, at and above the limit") {
  std::size_t all = 0;
  Line line(all);
  const BacklogLimits limits{.effects = 3};
  line.push(send("a"), Behind::next);
  line.push(send("b"), Behind::next);
  CHECK_FALSE(line.full(limits));
  line.push(send("c"), Behind::next);
  CHECK(line.full(limits));
  line.push(send("d"), Behind::next);
  CHECK(line.full(limits));
  line.submit(room, {});
  line.settle(1);
  line.pop();
  line.pop();
  CHECK_FALSE(line.full(limits));
}

TEST_CASE("line: full by bytes, one below, at and above the limit") {
  std::size_t all = 0;
  const std::size_t empty = server::weight(send(""));
  const BacklogLimits limits{.bytes = empty + 1000};
  for (const std::size_t size : {999u, 1000u, 1001u}) {
    Line line(all);
    line.push(send(std::string(size, 'x')), Behind::next);
    CHECK(line.full(limits) == (size >= 1000));
    CHECK(all == empty + size);
  }
  CHECK(all == 0);  // lines that end give back what they held
}

TEST_CASE("line: what the room holds anyway weighs little") {
  const auto shared = base::make_payload(std::string(5000, 'x'));
  const muc::Effect occupants = muc::Send{romeo, {shared, shared, shared}};
  CHECK(server::weight(occupants) == sizeof(muc::Effect) + 3 * sizeof(base::Payload));
  CHECK(server::weight(muc::Broadcast{shared, shared}) == sizeof(muc::Effect) + 5000);
  CHECK(server::weight(muc::Broadcast{shared, base::make_payload("four")}) ==
        sizeof(muc::Effect) + 5004);
}

TEST_CASE("line: senders of messages under way are known until their records are settled") {
  std::size_t all = 0;
  Line line(all);
  line.submit(room, {event(record::MessagePosted{.origin_id = "a"})});
  line.submit(room,
              {event(record::MessagePosted{.origin_id = "b"}), event(record::SubjectChanged{})});
  line.submit(
      room,
      {event(record::MessagePosted{.origin_id = "", .is_private = true, .to_nick = "Juliet"})});
  line.settle(1);
  const auto errors = line.drop();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].attr("id") == "b");
  CHECK(errors[0].attr("from") == "r@chat.localhost");
  CHECK(errors[0].attr("to") == romeo.str());
  CHECK(errors[0].attr("type") == "error");
  CHECK(errors[1].find_attr("id") == nullptr);
  CHECK(errors[1].attr("from") == "r@chat.localhost/Juliet");
  CHECK(line.drop().empty());
}

TEST_CASE("line: dropped answers become errors, addressed as they were") {
  std::size_t all = 0;
  Line line(all);
  line.push(send("<iq type='result' id='a&amp;&apos;b' from='r@chat.localhost/O&apos;Neil'>"
                 "<query xmlns='urn:x'/></iq>"),
            Behind::next);
  line.push(send("<iq type='error' id='e' from='r@chat.localhost'><error type='cancel'/></iq>"),
            Behind::next);
  line.push(send("<iq type='get' id='handed-on' from='r@chat.localhost/J'><q xmlns='u'/></iq>"),
            Behind::next);
  line.push(send("<message from='r@chat.localhost'/>"), Behind::next);
  line.push(muc::Broadcast{base::make_payload("<presence/>"), {}}, Behind::next);
  const auto errors = line.drop();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].attr("id") == "a&'b");
  CHECK(errors[0].attr("from") == "r@chat.localhost/O'Neil");
  CHECK(errors[0].attr("to") == romeo.str());
  CHECK(errors[0].attr("type") == "error");
  const auto* error = errors[0].child("error", xmpp::ns::client);
  REQUIRE(error != nullptr);
  CHECK(error->attr("type") == "wait");
  CHECK(error->child("internal-server-error", xmpp::ns::stanza_errors) != nullptr);
  CHECK(errors[1].attr("id") == "e");
  CHECK(line.empty());
  CHECK(all == 0);
}
