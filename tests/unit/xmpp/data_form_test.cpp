// SPDX-License-Identifier: Apache-2.0
#include "xmpp/data_form.h"

#include <catch2/catch.hpp>

#include "xmpp/ns.h"
#include "xmpp/writer.h"

using namespace xmpp;

namespace {

DataForm sample() {
  return {.type = DataForm::Type::form,
          .title = "Room",
          .instructions = "Fill in",
          .fields = {{.var = "FORM_TYPE", .type = FieldType::hidden, .values = {"urn:x"}},
                     {.var = "muc#name", .label = "Name", .values = {"a <b>"}, .required = true},
                     {.var = "who",
                      .type = FieldType::list_single,
                      .values = {"anyone"},
                      .options = {{"moderators", "Moderators"}, {"anyone", ""}}},
                     {.var = "lines", .type = FieldType::text_multi, .values = {"1", "", "3"}},
                     {.var = "none", .type = FieldType::boolean},
                     {.var = "", .type = FieldType::fixed, .values = {"Note"}}}};
}

}  // namespace

TEST_CASE("a form is written as XEP-0004 says") {
  CHECK(to_xml(to_element(sample()), "") ==
        "<x xmlns='jabber:x:data' type='form'><title>Room</title>"
        "<instructions>Fill in</instructions>"
        "<field var='FORM_TYPE' type='hidden'><value>urn:x</value></field>"
        "<field var='muc#name' type='text-single' label='Name'><required/>"
        "<value>a &lt;b&gt;</value></field>"
        "<field var='who' type='list-single'><value>anyone</value>"
        "<option label='Moderators'><value>moderators</value></option>"
        "<option><value>anyone</value></option></field>"
        "<field var='lines' type='text-multi'><value>1</value><value/><value>3</value></field>"
        "<field var='none' type='boolean'/>"
        "<field type='fixed'><value>Note</value></field></x>");
}

TEST_CASE("a form comes back as it was") {
  const auto back = parse_form(to_element(sample()));
  REQUIRE(back);
  CHECK(to_element(*back) == to_element(sample()));
  CHECK(back->form_type() == "urn:x");
  CHECK(back->value("lines") == "1");
  CHECK(back->value("none").empty());
  CHECK(back->value("absent").empty());
  CHECK(back->field("absent") == nullptr);
  CHECK(back->field("none")->values.empty());
  CHECK(back->field("muc#name")->required);
}

TEST_CASE("what is no form is refused") {
  CHECK_FALSE(parse_form(Element("x", ns::data_form)).has_value());
  CHECK_FALSE(parse_form(Element("x", ns::data_form).set_attr("type", "set")).has_value());
  CHECK_FALSE(parse_form(Element("y", ns::data_form).set_attr("type", "form")).has_value());
  CHECK_FALSE(parse_form(Element("x", "urn:x").set_attr("type", "form")).has_value());
  for (const char* type : {"form", "submit", "cancel", "result"})
    CHECK(parse_form(Element("x", ns::data_form).set_attr("type", type)).has_value());
}

TEST_CASE("unknown types are text, unknown children nothing") {
  Element x("x", ns::data_form);
  x.set_attr("type", "submit");
  x.add("reported", ns::data_form).add("field", ns::data_form);
  x.add("field", "urn:x");
  Element& field = x.add("field", ns::data_form);
  field.set_attr("var", "a").set_attr("type", "odd");
  field.add("value", "urn:x").add_text("no");
  field.add("value", ns::data_form).add_text("yes");
  x.add("instructions", ns::data_form).add_text("one");
  x.add("instructions", ns::data_form).add_text("two");
  const auto form = parse_form(x);
  REQUIRE(form);
  REQUIRE(form->fields.size() == 1);
  CHECK(form->fields[0].type == FieldType::text_single);
  CHECK(form->fields[0].values == std::vector<std::string>{"yes"});
  CHECK(form->instructions == "one\ntwo");
}

TEST_CASE("booleans have four spellings") {
  CHECK(parse_boolean("1") == true);
  CHECK(parse_boolean("true") == true);
  CHECK(parse_boolean("0") == false);
  CHECK(parse_boolean("false") == false);
  for (const char* bad : {"", "yes", "TRUE", "True", "01", " 1"})
    CHECK_FALSE(parse_boolean(bad).has_value());
}
