// SPDX-License-Identifier: Apache-2.0
#include "accounts/pep/pep.h"

#include "accounts/pep/options.h"
#include "accounts/personal/limits.h"
#include "tests/unit/accounts/desk.h"

using tests::Desk;
using tests::has;

namespace {

const std::string tune = "http://jabber.org/protocol/tune";

std::string options(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string xml = "<x xmlns='jabber:x:data' type='submit'>";
  for (const auto& [var, value] : fields)
    xml += "<field var='pubsub#" + var + "'><value>" + value + "</value></field>";
  return xml + "</x>";
}

struct Pep : Desk {
  static std::string pubsub(const std::string& content) {
    return "<pubsub xmlns='http://jabber.org/protocol/pubsub'>" + content + "</pubsub>";
  }
  static std::string owner(const std::string& content) {
    return "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>" + content + "</pubsub>";
  }
  std::string publish(const std::string& node, const std::string& id, const std::string& text,
                      const std::string& form = "") {
    const std::string with = form.empty() ? "" : "<publish-options>" + form + "</publish-options>";
    return set(pubsub("<publish node='" + node + "'><item id='" + id + "'><t xmlns='urn:t'>" +
                      text + "</t></item></publish>" + with));
  }
  std::string items(const std::string& node, const std::string& attributes = "",
                    const std::string& ids = "") {
    return get(pubsub("<items node='" + node + "'" + attributes + ">" + ids + "</items>"));
  }
};

}  // namespace

TEST_CASE("XEP-0163: a publication makes the node; it holds the last item") {
  Pep p;
  const auto answer = p.publish(tune, "current", "one");
  CHECK(has(answer, "<publish node='" + tune + "'><item id='current'/></publish>"));
  CHECK(p.events.size() == 2);
  p.publish(tune, "next", "two");
  const auto kept = p.items(tune);
  CHECK(has(kept, "<item id='next'><t xmlns='urn:t'>two</t></item>"));
  CHECK_FALSE(has(kept, "one"));
}

TEST_CASE("XEP-0060 6.5: items are read all, the last few, or by id") {
  Pep p;
  const auto many = options({{"max_items", "max"}});
  for (const char* id : {"a", "b", "c"}) p.publish("urn:n", id, id, many);
  const auto all = p.items("urn:n");
  CHECK(all.find("id='a'") < all.find("id='b'"));
  CHECK(all.find("id='b'") < all.find("id='c'"));
  const auto last = p.items("urn:n", " max_items='2'");
  CHECK_FALSE(has(last, "id='a'"));
  CHECK(has(last, "id='b'"));
  const auto one = p.items("urn:n", "", "<item id='a'/><item id='x'/>");
  CHECK(has(one, "id='a'"));
  CHECK_FALSE(has(one, "id='c'"));
  CHECK(has(p.items("urn:n", " max_items='0'"), "<bad-request"));
  CHECK(has(p.items("urn:x"), "<item-not-found"));
  CHECK(has(p.items(""), "<nodeid-required"));
}

TEST_CASE("an item published again is the last one, and stays so") {
  Pep p;
  const auto many = options({{"max_items", "3"}});
  for (const char* id : {"a", "b", "a"}) p.publish("urn:n", id, id, many);
  const auto all = p.items("urn:n");
  CHECK(all.find("id='b'") < all.find("id='a'"));
  CHECK(all.find("id='a'") == all.rfind("id='a'"));
}

TEST_CASE("what cannot be published") {
  Pep p;
  const auto refused = [&](const std::string& content, const char* condition) {
    INFO(content);
    CHECK(has(p.set(Pep::pubsub(content)), condition));
    CHECK(p.events.empty());
  };
  refused("", "<bad-request");
  refused("<publish><item><a xmlns='urn:a'/></item></publish>", "<nodeid-required");
  refused("<publish node='n'/>", "<item-required");
  refused("<publish node='n'><item/></publish>", "<payload-required");
  refused("<publish node='n'><item><a xmlns='urn:a'/><b xmlns='urn:b'/></item></publish>",
          "<invalid-payload");
  refused("<subscribe node='n' jid='juliet@localhost'/>", "<feature-not-implemented");
  CHECK(has(p.publish("n", "1", "x", options({{"access_model", "roster"}})), "<not-acceptable"));
  CHECK(p.events.empty());
}

TEST_CASE("XEP-0060 7.1.5: options make a node, or must be those it has") {
  Pep p;
  const auto mine = options({{"persist_items", "true"}, {"access_model", "whitelist"}});
  CHECK(has(p.publish("n", "1", "x", mine), "'result'"));
  CHECK(has(p.publish("n", "1", "y", mine), "'result'"));
  const auto refused = p.publish("n", "1", "z", options({{"access_model", "open"}}));
  CHECK(has(refused, "<conflict"));
  CHECK(has(refused, "<precondition-not-met"));
  CHECK(has(p.publish("n", "1", "z", options({{"no_such", "1"}})), "<precondition-not-met"));
  CHECK(has(p.items("n"), ">y<"));
}

TEST_CASE("XEP-0060 7.2: items are retracted") {
  Pep p;
  p.publish("n", "1", "x");
  const auto retract = [&](const std::string& id) {
    return p.set(Pep::pubsub("<retract node='n'><item id='" + id + "'/></retract>"));
  };
  CHECK(has(retract("2"), "<item-not-found"));
  CHECK(has(retract(""), "<item-required"));
  CHECK(has(retract("1"), "'result'"));
  CHECK(std::get<record::PepItemChanged>(p.events.at(0).body).removed);
  CHECK_FALSE(has(p.items("n"), "<item "));
}

TEST_CASE("XEP-0060 8: nodes are made, configured, emptied and deleted") {
  Pep p;
  CHECK(has(p.set(Pep::pubsub("<create node='n'/><configure>" +
                              options({{"max_items", "3"}, {"access_model", "whitelist"}}) +
                              "</configure>")),
            "'result'"));
  CHECK(has(p.set(Pep::pubsub("<create node='n'/>")), "<conflict"));
  for (const char* id : {"a", "b", "c"}) p.publish("n", id, id);
  CHECK(has(p.ask("get", Pep::owner("<configure node='n'/>")), "<value>3</value>"));
  const auto fewer = "<configure node='n'>" + options({{"max_items", "2"}}) + "</configure>";
  CHECK(has(p.set(Pep::owner(fewer)), "'result'"));
  CHECK_FALSE(has(p.items("n"), "id='a'"));
  CHECK(has(p.set(Pep::owner("<purge node='n'/>")), "'result'"));
  CHECK_FALSE(has(p.items("n"), "<item "));
  CHECK(has(p.set(Pep::owner("<delete node='n'/>")), "'result'"));
  CHECK(has(p.items("n"), "<item-not-found"));
  CHECK(has(p.set(Pep::owner("<delete node='n'/>")), "<item-not-found"));
  CHECK(has(p.ask("get", Pep::owner("<default/>")), "pubsub#access_model"));
  CHECK(has(p.ask("get", Pep::owner("<affiliations node='n'/>")), "<unsupported"));
}

TEST_CASE("others read open nodes only; BI-STZ-17: all else is as if there were no account") {
  Pep p;
  Desk nobody;
  nobody.person.loaded(std::nullopt);
  p.publish("open", "1", "x", options({{"access_model", "open"}}));
  p.publish("mine", "1", "x");
  const std::string romeo = "romeo@localhost/orchard";
  CHECK(has(p.ask("get", Pep::pubsub("<items node='open'/>"), romeo), "<item id='1'>"));
  for (const auto& [type, request] :
       {std::pair{"get", Pep::pubsub("<items node='mine'/>")},
        {"get", Pep::pubsub("<items node='none'/>")},
        {"get", Pep::pubsub("")},
        {"set", Pep::pubsub("<publish node='open'><item><a xmlns='u'/></item></publish>")},
        {"set", Pep::owner("<delete node='open'/>")}}) {
    const auto answer = p.ask(type, request, romeo);
    CHECK(has(answer, "<service-unavailable"));
    CHECK(answer == nobody.ask(type, request, romeo));
  }
}

TEST_CASE("own clients hear of what they asked for by capabilities, and of nothing else") {
  Pep p;
  p.listen("juliet@localhost/balcony", {"n", "other"});
  p.listen("juliet@localhost/chamber", {"other"});
  p.publish("n", "1", "x");
  REQUIRE(p.said.size() == 1);
  CHECK(has(p.said[0],
            "<message type='headline' from='juliet@localhost' "
            "to='juliet@localhost/balcony'>"));
  CHECK(has(p.said[0], "<items node='n'><item id='1'><t xmlns='urn:t'>x</t></item></items>"));
  p.set(Pep::pubsub("<retract node='n'><item id='1'/></retract>"));
  CHECK(p.said.empty());
  p.publish("n", "1", "x");
  p.set(Pep::pubsub("<retract node='n' notify='true'><item id='1'/></retract>"));
  REQUIRE(p.said.size() == 1);
  CHECK(has(p.said[0], "<retract id='1'/>"));
  p.person.on_unavailable(*xmpp::Jid::parse("juliet@localhost/balcony"));
  p.publish("n", "1", "x");
  CHECK(p.said.empty());
}

TEST_CASE("the last item comes with the first presence, once, and not where the node says never") {
  Pep p;
  p.publish("n", "1", "x");
  p.publish("quiet", "1", "x", options({{"send_last_published_item", "never"}}));
  p.listen("juliet@localhost/balcony", {"n", "quiet"});
  REQUIRE(p.said.size() == 1);
  CHECK(has(p.said[0], "<items node='n'>"));
  p.listen("juliet@localhost/balcony", {"n", "quiet"});
  CHECK(p.said.size() == 1);  // initial again
}

TEST_CASE("what is kept is read for the last items, when it is not here") {
  Desk d;
  d.person.drop_data();
  d.listen("juliet@localhost/balcony", {"n"});
  CHECK(d.said.empty());
  CHECK(d.person.wants_data());
  accounts::PersonalData data;
  data.nodes["n"].items.push_back({"1", 1, xmpp::Element("t", "urn:t"), 10});
  d.take(d.person.loaded(data));
  CHECK(d.said.size() == 1);
  CHECK_FALSE(d.person.wants_data());
}

TEST_CASE("nodes, items and their bytes have limits") {
  namespace limits = accounts::limits;
  Pep p;
  const std::size_t markup = std::string("<t xmlns='urn:t'></t>").size();
  CHECK(has(p.publish("n", "1", std::string(limits::item_bytes - markup, 'x')), "'result'"));
  CHECK(has(p.publish("n", "1", std::string(limits::item_bytes - markup + 1, 'x')),
            "<payload-too-big"));
  const auto many = options({{"max_items", "max"}});
  const std::size_t fit = limits::node_bytes / limits::item_bytes;
  for (std::size_t i = 0; i < fit; ++i)
    CHECK(has(
        p.publish("many", std::to_string(i), std::string(limits::item_bytes - markup, 'x'), many),
        "'result'"));
  CHECK(has(p.publish("many", "x", "x", many), "<max-items-exceeded"));
  CHECK(has(p.publish("many", "0", "x", many), "'result'"));
  CHECK(has(p.publish("many", "x", "x", many), "'result'"));
  for (std::size_t i = 2; i < limits::nodes; ++i)
    CHECK(has(p.publish("n" + std::to_string(i), "1", "x"), "'result'"));
  CHECK(has(p.publish("one-more", "1", "x"), "<max-nodes-exceeded"));
}

TEST_CASE("the oldest goes when there are too many items") {
  namespace limits = accounts::limits;
  Pep p;
  const auto many = options({{"max_items", "max"}});
  for (std::size_t i = 0; i < limits::items_per_node; ++i)
    p.publish("n", "i" + std::to_string(i), "x", many);
  CHECK(has(p.items("n"), "'i0'"));
  p.publish("n", "last", "x", many);
  CHECK(p.events.size() == 2);
  CHECK_FALSE(has(p.items("n"), "'i0'"));
  CHECK(has(p.items("n"), "'i1'"));
}

TEST_CASE("discovery of nodes and items") {
  Pep p;
  p.publish("n", "1", "x");
  const std::string info = "<query xmlns='http://jabber.org/protocol/disco#info' node='";
  const std::string items = "<query xmlns='http://jabber.org/protocol/disco#items'";
  CHECK(has(p.get(info + "n'/>"), "<identity category='pubsub' type='leaf'/>"));
  CHECK(has(p.get(info + "x'/>"), "<item-not-found"));
  CHECK(has(p.get(items + "/>"), "<item jid='juliet@localhost' node='n'/>"));
  CHECK(has(p.get(items + " node='n'/>"), "<item jid='juliet@localhost' name='1'/>"));
  CHECK(has(p.get(items + " node='x'/>"), "<item-not-found"));
}

TEST_CASE("a node's options survive being written down") {
  using namespace accounts::pep;
  Options options = defaults_for("urn:xmpp:bookmarks:1");
  options.title = "a=b";
  CHECK(from_text(to_text(options)) == options);
  CHECK(from_text("nonsense\n=\npubsub#max_items=5") == [] {
    Options five;
    five.max_items = 5;
    return five;
  }());
}
