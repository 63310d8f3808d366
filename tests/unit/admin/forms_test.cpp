// SPDX-License-Identifier: Apache-2.0
#include "admin/forms.h"

#include <catch2/catch.hpp>

#include "admin/commands.h"
#include "xmpp/ns.h"

namespace {

using xmpp::FieldType;

TEST_CASE("every command has a node of its own and a form of its parameters") {
  for (const auto* command : admin::commands()) {
    CHECK(admin::command_at_node(admin::command_node(*command)) == command);
    const auto form = admin::command_form(*command);
    REQUIRE(form.fields.size() == command->parameters.size());
    for (const auto& field : form.fields) {
      CHECK_FALSE(field.label.empty());
      CHECK(xmpp::to_element(form).ns() == xmpp::ns::data_form);
    }
  }
  CHECK(admin::command_at_node("hansard#nothing") == nullptr);
}

TEST_CASE("fields have the type of what they hold") {
  const auto add = admin::command_form(admin::user_add);
  CHECK(add.field("jid")->type == FieldType::jid_single);
  CHECK(add.field("jid")->required);
  CHECK(add.field("password")->type == FieldType::text_private);
  CHECK(add.field("admin")->type == FieldType::boolean);
  CHECK(admin::command_form(admin::group_member_add).field("jid")->type == FieldType::jid_multi);
  CHECK(admin::command_form(admin::user_import).field("file")->type == FieldType::text_multi);
}

TEST_CASE("what was filled in becomes arguments; what was left empty does not") {
  xmpp::DataForm form{.type = xmpp::DataForm::Type::submit};
  form.fields = {{.var = "jid", .values = {"a@localhost"}},
                 {.var = "password", .values = {"x"}},
                 {.var = "admin", .values = {"false"}}};
  CHECK(admin::submitted(admin::user_add, form) ==
        admin::Arguments{{"jid", "a@localhost"}, {"password", "x"}});
  form.fields[2].values = {"1"};
  CHECK(admin::submitted(admin::user_add, form).at("admin") == "true");
  form.fields = {{.var = "name", .values = {""}}, {.var = "jid", .values = {"a@b", "c@d"}}};
  CHECK(admin::submitted(admin::group_member_add, form) == admin::Arguments{{"jid", "a@b\nc@d"}});
}

TEST_CASE("a table that is too long for one answer is cut, and says by how much") {
  admin::Table table{.name = "rooms", .columns = {"room"}};
  for (int i = 0; i < 1000; ++i) table.rows.push_back({std::string(100, 'x')});
  admin::Answer answer{.fields = {{"n", std::int64_t{1}}}, .tables = {table, table}};
  const auto all = admin::answer_forms(answer, 10'000'000);
  CHECK(all.left_out == 0);
  REQUIRE(all.forms.size() == 2);
  const auto cut = admin::answer_forms(answer, 50'000);
  REQUIRE_FALSE(cut.forms.empty());
  std::size_t items = 0;
  for (const auto& form : cut.forms)
    form.for_each_child([&](const xmpp::Element& e) { items += e.name() == "item" ? 1 : 0; });
  CHECK(items + cut.left_out == 2000);
  CHECK(items > 100);
}

}  // namespace
