// SPDX-License-Identifier: Apache-2.0
#include "admin/parameter.h"

#include <catch2/catch.hpp>

namespace {

using Catch::Matchers::Contains;
using Kind = admin::Parameter::Kind;

constexpr std::string_view words[] = {"open", "closed"};
constexpr admin::Parameter all[] = {
    {"account", Kind::account, false, ""},
    {"user", Kind::user, false, ""},
    {"room", Kind::room, false, ""},
    {"domain", Kind::domain, false, ""},
    {"group", Kind::group, false, ""},
    {"text", Kind::text, false, ""},
    {.name = "number", .kind = Kind::integer, .required = false, .help = "", .min = 1, .max = 10},
    {.name = "choice", .kind = Kind::choice, .required = false, .help = "", .words = words},
    {"flag", Kind::flag, false, ""},
    {"secret", Kind::secret, false, ""},
    {"file", Kind::lines, false, ""},
    {.name = "users", .kind = Kind::user, .required = false, .help = "", .repeated = true},
};

base::Result<admin::Arguments, admin::Refusal> check(const std::string& name,
                                                     const std::string& value) {
  return admin::checked("test", all, {{name, value}}, "localhost");
}
std::string value(const std::string& name, const std::string& given) {
  const auto checked = check(name, given);
  return checked ? checked->at(name) : "refused: " + checked.error().text;
}

TEST_CASE("each kind takes what is of it, in its one spelling") {
  CHECK(value("account", "Alice@LOCALHOST") == "alice@localhost");
  CHECK(value("user", "Alice@Example.org") == "alice@example.org");
  CHECK(value("room", "Balcony@chat.localhost") == "balcony@chat.localhost");
  CHECK(value("domain", "Chat.Example.org") == "chat.example.org");
  CHECK(value("group", "City") == "city");
  CHECK(value("text", "two words") == "two words");
  CHECK(value("choice", "closed") == "closed");
  CHECK(value("secret", "as it is ") == "as it is ");
  CHECK(value("users", "B@x.org\na@x.org\n\nb@x.org") == "b@x.org\na@x.org");
}

TEST_CASE("what is not of its kind is wrong usage, and the sentence says what would be right") {
  const std::pair<const char*, const char*> bad[] = {
      {"account", "alice"},    {"user", "chat.localhost"},
      {"user", "a@b/c"},       {"room", "chat.localhost"},
      {"domain", "a b"},       {"group", "a b"},
      {"text", "two\nlines"},  {"choice", "ajar"},
      {"flag", "maybe"},       {"users", ""},
      {"users", "a@b\nnobody"}};
  for (const auto& [name, given] : bad) {
    const auto refused = check(name, given);
    INFO(name << " " << given);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == admin::Refusal::Kind::usage);
  }
  CHECK_THAT(value("choice", "ajar"), Contains("open, closed"));
  CHECK_THAT(value("number", "x"), Contains("1 to 10"));
}

TEST_CASE("numbers and texts at their limits") {
  for (const auto* good : {"1", "2", "9", "10"}) CHECK(value("number", good) == good);
  for (const auto* bad : {"0", "11", "-1", "", " 1", "1x", "99999999999999999999"})
    CHECK_FALSE(check("number", bad));
  CHECK(check("text", std::string(1023, 'x')));
  CHECK(check("text", std::string(1024, 'x')));
  CHECK_FALSE(check("text", std::string(1025, 'x')));
}

TEST_CASE("a list has at most 10,000 values") {
  std::string list;
  for (int i = 0; i < 10'000; ++i) list += "u" + std::to_string(i) + "@x\n";
  CHECK(check("users", list));
  CHECK_FALSE(check("users", list + "one-more@x\n"));
}

TEST_CASE("on record: values, but of secrets only that they were given, of files their length") {
  const auto text = admin::recordable(all, {{"text", "T"},
                                            {"secret", "hunter2"},
                                            {"file", "a\nb\n"},
                                            {"flag", "true"},
                                            {"users", "a@x\nb@x"}});
  CHECK(text == "text=T flag secret file=2 lines users=a@x,b@x");
}

}  // namespace
