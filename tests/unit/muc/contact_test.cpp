// SPDX-License-Identifier: Apache-2.0
// XEP-0157: whom to turn to about the rooms' service and about one room.
#include <catch2/catch.hpp>

#include "tests/unit/muc/world.h"
#include "xmpp/data_form.h"
#include "xmpp/ns.h"

namespace {

constexpr const char* owner = "a@localhost/1";

struct ContactWorld : tests::MucWorld {
  // The form that disco#info shows; null if there is none.
  const xmpp::Element* form_of(const std::string& address) {
    forget_inbox(owner);
    send(owner, "<iq type='get' id='d' to='" + address +
                    "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    answer_ = next(owner);
    REQUIRE(answer_);
    return answer_->child("query", xmpp::ns::disco_info)->child("x", xmpp::ns::data_form);
  }
  std::string set_contacts(const std::string& values) {
    forget_inbox(owner);
    send(owner,
         "<iq type='set' id='c' to='r@chat.localhost'>"
         "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' "
         "type='submit'><field var='hansard#contact_jids'>" +
             values + "</field></x></query></iq>");
    return condition(next(owner));
  }
  std::size_t shown() {
    const auto form = xmpp::parse_form(*form_of("r@chat.localhost"));
    const auto* field = form->field("muc#roominfo_contactjid");
    return field == nullptr ? 0 : field->values.size();
  }

 private:
  std::optional<xmpp::Element> answer_;
};

std::string people(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += "<value>p" + std::to_string(i) + "@localhost</value>";
  return all;
}

}  // namespace

TEST_CASE("XEP-0157: the rooms' service shows the form it was given, if any") {
  ContactWorld world;
  world.connect(owner);
  CHECK(world.form_of("chat.localhost") == nullptr);

  xmpp::DataForm form{.type = xmpp::DataForm::Type::result};
  form.fields.push_back({.var = "FORM_TYPE",
                         .type = xmpp::FieldType::hidden,
                         .values = {"http://jabber.org/network/serverinfo"}});
  form.fields.push_back({.var = "abuse-addresses",
                         .type = xmpp::FieldType::list_multi,
                         .values = {"mailto:abuse@example.org"}});
  world.server.config().about = xmpp::to_element(form);
  world.server.restart();
  world.connect(owner);
  const auto* told = world.form_of("chat.localhost");
  REQUIRE(told != nullptr);
  CHECK(*told == xmpp::to_element(form));
}

TEST_CASE("a room shows as many as twenty contacts, and none if there are none") {
  ContactWorld world;
  world.enter(owner, "r@chat.localhost/a");
  world.accept(owner, "r@chat.localhost");
  CHECK(world.shown() == 0);
  for (const int count : {19, 20}) {
    CHECK(world.set_contacts(people(count)) == "");
    CHECK(world.shown() == static_cast<std::size_t>(count));
  }
  CHECK(world.set_contacts(people(21)) != "");
  CHECK(world.shown() == 20);
  CHECK(world.set_contacts("") == "");
  CHECK(world.shown() == 0);
}
