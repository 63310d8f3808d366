// SPDX-License-Identifier: Apache-2.0
#include "xmpp/element.h"

#include <catch2/catch.hpp>

#include "xmpp/ns.h"

using namespace xmpp;

TEST_CASE("attributes are found, set, replaced and removed") {
  Element e("message", ns::client);
  CHECK(e.attr("to").empty());
  CHECK(e.find_attr("to") == nullptr);
  e.set_attr("to", "a").set_attr("id", "").set_attr("to", "b");
  CHECK(e.attr("to") == "b");
  REQUIRE(e.find_attr("id") != nullptr);
  CHECK(e.attributes().size() == 2);
  e.remove_attr("to");
  e.remove_attr("absent");
  CHECK(e.find_attr("to") == nullptr);
}

TEST_CASE("the language is another attribute than 'lang'") {
  Element e("body", ns::client);
  e.set_attr("lang", "en");
  CHECK(e.lang().empty());
  e.set_lang("cs");
  e.set_lang("de");
  CHECK(e.lang() == "de");
  CHECK(e.attr("lang") == "en");
  CHECK(e.attributes().size() == 2);
}

TEST_CASE("children are found by name and namespace") {
  Element e("iq", ns::client);
  e.add_text("text");
  e.add("query", "urn:a").set_attr("n", "1");
  e.add("query", "urn:b").set_attr("n", "2");
  e.add("query", "urn:b").set_attr("n", "3");
  CHECK(e.child("query", "urn:b")->attr("n") == "2");
  CHECK(e.child_in("urn:b")->attr("n") == "2");
  CHECK(e.first_child()->attr("n") == "1");
  CHECK(e.child("query", "urn:c") == nullptr);
  CHECK(e.child("other", "urn:a") == nullptr);
  CHECK(e.child_in("urn:c") == nullptr);
  CHECK(e.child_count() == 3);
  e.child("query", "urn:a")->set_name("changed");
  CHECK(e.first_child()->is("changed", "urn:a"));
  CHECK(Element().first_child() == nullptr);
}

TEST_CASE("children that match are removed and counted") {
  Element e("m", ns::client);
  e.add("a", "u");
  e.add_text("kept");
  e.add("b", "u");
  e.add("a", "u");
  CHECK(e.remove_children_if([](const Element& c) { return c.name() == "a"; }) == 2);
  CHECK(e.child_count() == 1);
  CHECK(e.text() == "kept");
}

TEST_CASE("text merges with the text before it") {
  Element e("m", "");
  e.add_text("a");
  e.add_text("");
  e.add_text("b");
  CHECK(e.nodes().size() == 1);
  e.add("x", "");
  e.add_text("c");
  CHECK(e.nodes().size() == 3);
  CHECK(e.text() == "abc");
  e.set_text(std::get<std::string>(e.nodes()[0]));
  CHECK(e.nodes().size() == 1);
  CHECK(e.text() == "ab");
  e.set_text("");
  CHECK(e.nodes().empty());
}

TEST_CASE("chaining builds the same element") {
  const Element e = Element("a", "u").with(Element("b", "u")).with(Element("c", "u").set_text("t"));
  Element f("a", "u");
  f.with(Element("b", "u"));
  f.add("c", "u").add_text("t");
  CHECK(e == f);
  f.add("d", "u");
  CHECK_FALSE(e == f);
}

TEST_CASE("a child's text is told apart from no child") {
  const Element e = Element("a", "u").with(Element("b", "u"));
  CHECK(child_text(e, "b", "u") == std::string());
  CHECK_FALSE(child_text(e, "c", "u").has_value());
}
