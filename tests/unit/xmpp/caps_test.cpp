// SPDX-License-Identifier: Apache-2.0
#include "xmpp/caps.h"

#include <catch2/catch.hpp>

#include "xmpp/data_form.h"
#include "xmpp/ns.h"

namespace {

using xmpp::Element;

void identity(Element& query, std::string_view name, std::string_view lang = {}) {
  Element& e = query.add("identity", xmpp::ns::disco_info);
  e.set_attr("category", "client").set_attr("type", "pc").set_attr("name", name);
  if (!lang.empty()) e.set_lang(lang);
}

void feature(Element& query, std::string_view var) {
  query.add("feature", xmpp::ns::disco_info).set_attr("var", var);
}

// The four features of both examples, not in order.
Element with_features() {
  Element query("query", xmpp::ns::disco_info);
  for (const auto* var :
       {"http://jabber.org/protocol/muc", "http://jabber.org/protocol/disco#info",
        "http://jabber.org/protocol/caps", "http://jabber.org/protocol/disco#items"})
    feature(query, var);
  return query;
}

xmpp::DataForm software() {
  return {
      .type = xmpp::DataForm::Type::result,
      .fields = {
          {.var = "os", .values = {"Mac"}},
          {.var = "FORM_TYPE",
           .type = xmpp::FieldType::hidden,
           .values = {"urn:xmpp:dataforms:softwareinfo"}},
          {.var = "ip_version", .type = xmpp::FieldType::text_multi, .values = {"ipv6", "ipv4"}},
          {.var = "os_version", .values = {"10.5.1"}},
          {.var = "software", .values = {"Psi"}},
          {.var = "software_version", .values = {"0.11"}}}};
}

}  // namespace

TEST_CASE("XEP-0115 5.2: the simple example") {
  Element query = with_features();
  identity(query, "Exodus 0.9.1");
  CHECK(xmpp::caps_ver(query) == "QgayPKawpkPSDYmwT/WM94uAlu0=");
}

TEST_CASE("XEP-0115 5.3: identities in two languages and a form") {
  Element query = with_features();
  identity(query, "Psi 0.11", "en");
  identity(query, "\u03A8 0.11", "el");
  query.add(to_element(software()));
  CHECK(xmpp::caps_ver(query) == "q07IKJEyjvHSyhy//CH0CxmKi8w=");

  SECTION("a form whose FORM_TYPE is not hidden is passed over") {
    auto odd = software();
    odd.fields[1].type = xmpp::FieldType::text_single;
    odd.fields[1].values = {"urn:x"};
    query.add(to_element(odd));
    CHECK(xmpp::caps_ver(query) == "q07IKJEyjvHSyhy//CH0CxmKi8w=");
  }
}

TEST_CASE("XEP-0115 5.4: what says something twice is ill-formed") {
  Element query = with_features();
  identity(query, "Psi 0.11", "en");
  CHECK(xmpp::caps_ver(query).has_value());
  SECTION("an identity") { identity(query, "Psi 0.11", "en"); }
  SECTION("a feature") { feature(query, "http://jabber.org/protocol/muc"); }
  SECTION("a form") {
    query.add(to_element(software()));
    query.add(to_element(software()));
  }
  SECTION("a FORM_TYPE of two values") {
    auto odd = software();
    odd.fields[1].values.emplace_back("urn:x");
    query.add(to_element(odd));
  }
  CHECK_FALSE(xmpp::caps_ver(query).has_value());
}
