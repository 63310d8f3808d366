// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/capabilities.h"

#include "tests/unit/accounts/desk.h"

using tests::Desk;
using tests::has;
using xmpp::Element;

namespace {

Element wanting(const std::string& node) {
  Element query("query", xmpp::ns::disco_info);
  query.add("feature", xmpp::ns::disco_info).set_attr("var", node + "+notify");
  return query;
}

Element answered(const std::string& id, const Element& query) {
  Element iq("iq", xmpp::ns::client);
  iq.set_attr("type", "result").set_attr("id", id).add(query);
  return iq;
}

const std::string balcony = "juliet@localhost/balcony";

struct Asking : Desk {
  Asking() {
    accounts::PersonalData data;
    data.nodes["n"].items.push_back({"1", 1, Element("t", "urn:t"), 10});
    person.loaded(data);
  }
  void respond(const std::string& from, const std::string& id, const Element& query) {
    take(person.on_response(answered(id, query), *xmpp::Jid::parse(from)));
  }
};

}  // namespace

TEST_CASE("XEP-0115: a hash that is not known is asked about, once") {
  Asking a;
  const auto ver = *xmpp::caps_ver(wanting("n"));
  a.available(balcony, ver);
  REQUIRE(a.said.size() == 1);
  CHECK(has(a.said[0], "<iq type='get' id='caps-1' from='localhost' to='" + balcony + "'>"));
  CHECK(has(a.said[0], "node='urn:client#" + ver + "'"));
  a.available(balcony, ver, false);
  CHECK(a.said.empty());
  a.respond(balcony, "caps-1", wanting("n"));
  REQUIRE(a.said.size() == 1);
  CHECK(has(a.said[0], "<items node='n'>"));
  a.available("juliet@localhost/chamber", ver);
  REQUIRE(a.said.size() == 1);
  CHECK(has(a.said[0], "<items node='n'>"));  // known by now
}

TEST_CASE("BI-STZ-04: an answer nobody asked for, or from somebody else, changes nothing") {
  Asking a;
  const auto ver = *xmpp::caps_ver(wanting("n"));
  a.available(balcony, ver);
  a.respond("juliet@localhost/chamber", "caps-1", wanting("n"));
  a.respond(balcony, "caps-2", wanting("n"));
  CHECK(a.capabilities.size() == 0);
  a.respond(balcony, "caps-1", wanting("n"));
  CHECK(a.capabilities.size() == 1);
  a.respond(balcony, "caps-1", wanting("n"));
  CHECK(a.said.empty());
}

TEST_CASE("XEP-0115 8.1: an answer that does not have the hash counts for its sender alone") {
  Asking a;
  a.available(balcony, "forged");
  a.respond(balcony, "caps-1", wanting("n"));
  CHECK(a.said.size() == 1);
  CHECK(a.capabilities.size() == 0);
  a.available("juliet@localhost/chamber", "forged");
  CHECK(has(a.said.at(0), "<iq type='get'"));
}

TEST_CASE("of hashes the oldest is forgotten") {
  accounts::Capabilities capabilities(2);
  std::vector<std::string> vers;
  for (const char* node : {"a", "b", "c"}) {
    vers.push_back(*xmpp::caps_ver(wanting(node)));
    capabilities.learn(vers.back(), wanting(node));
    CHECK(capabilities.size() <= 2);
  }
  CHECK_FALSE(capabilities.find(vers[0]));
  CHECK(capabilities.find(vers[1]));
  CHECK(**capabilities.find(vers[2]) == std::vector<std::string>{"c"});
}
