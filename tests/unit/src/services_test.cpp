// SPDX-License-Identifier: Apache-2.0
// What services are told of the configuration.
#include "src/services.h"

#include <catch2/catch.hpp>

#include "xmpp/data_form.h"

namespace {

server::Config good(const std::string& text) {
  auto config = server::parse_config(text, "h.toml");
  REQUIRE(config);
  return std::move(*config);
}

}  // namespace

TEST_CASE("XEP-0157: whom to turn to is a form of disco#info, if anybody is named") {
  CHECK_FALSE(server::contact_form(good("")));
  const auto form =
      server::contact_form(good("[contact]\nsecurity = [\"xmpp:s@example.org\"]\n"
                                "support = [\"mailto:h@example.org\", \"https://example.org\"]"));
  REQUIRE(form);
  const auto read = xmpp::parse_form(*form);
  REQUIRE(read);
  CHECK(read->type == xmpp::DataForm::Type::result);
  CHECK(read->form_type() == "http://jabber.org/network/serverinfo");
  CHECK(read->field("FORM_TYPE")->type == xmpp::FieldType::hidden);
  REQUIRE(read->fields.size() == 3);
  CHECK(read->field("security-addresses")->values ==
        std::vector<std::string>{"xmpp:s@example.org"});
  CHECK(read->field("support-addresses")->values ==
        std::vector<std::string>{"mailto:h@example.org", "https://example.org"});
}
