// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <set>

#include "muc/administration/rights.h"
#include "muc/feature.h"

namespace {

constexpr muc::Option choices[] = {{"a", "A"}, {"b", "B"}};
const muc::Setting<bool> flag{.var = "flag", .fallback = true, .label = "Flag"};
const muc::Setting<std::int64_t> count{
    .var = "count", .fallback = 5, .label = "Count", .min = 0, .max = 10};
const muc::Setting<std::string> text{.var = "text", .label = "Text", .bytes_max = 3};
const muc::Setting<std::string> choice{
    .var = "choice", .fallback = "a", .label = "Choice", .options = choices};

const muc::Setting<std::vector<std::string>> several{
    .var = "several", .fallback = {"a", "b"}, .label = "Several", .options = choices};

std::optional<std::string> parse(const muc::AnySetting& setting, std::vector<std::string> values) {
  return setting.parse({.var = std::string(setting.var), .values = std::move(values)});
}

}  // namespace

TEST_CASE("a setting takes what fits its type") {
  CHECK(parse(flag, {"true"}) == "1");
  CHECK(parse(flag, {"0"}) == "0");
  CHECK_FALSE(parse(flag, {"maybe"}));
  CHECK_FALSE(parse(flag, {}));
  CHECK(parse(count, {"0"}) == "0");
  CHECK(parse(count, {"10"}) == "10");
  CHECK_FALSE(parse(count, {"11"}));
  CHECK_FALSE(parse(count, {"-1"}));
  CHECK_FALSE(parse(count, {"1x"}));
  CHECK_FALSE(parse(count, {""}));
  CHECK(parse(text, {"ab"}) == "ab");
  CHECK(parse(text, {"abc"}) == "abc");
  CHECK_FALSE(parse(text, {"abcd"}));
  CHECK(parse(text, {}) == "");
  CHECK_FALSE(parse(text, {"a", "b"}));
  CHECK(parse(choice, {"b"}) == "b");
  CHECK_FALSE(parse(choice, {"c"}));
}

TEST_CASE("of a list several are taken, each once and in its order") {
  CHECK(parse(several, {"b", "a"}) == "a\nb");
  CHECK(parse(several, {"b", "", "b"}) == "b");
  CHECK(parse(several, {}) == "");
  CHECK_FALSE(parse(several, {"a", "c"}));
  CHECK_FALSE(parse(several, {"a\nb"}));
  const muc::AnySetting any = several;
  CHECK(any.type == xmpp::FieldType::list_multi);
  CHECK(any.to_field("a\nb").values == std::vector<std::string>{"a", "b"});
  CHECK(any.to_field("").values.empty());
  muc::Settings settings;
  CHECK(settings.get(several).size() == 2);
  settings.set(several, "");
  CHECK(settings.differs(several));
  CHECK(settings.get(several).empty());
  settings.set(several, "a\nb");
  CHECK_FALSE(settings.differs(several));
}

TEST_CASE("only what differs from the fallback is stored") {
  muc::Settings settings;
  CHECK(settings.get(flag));
  CHECK(settings.get(count) == 5);
  settings.set(flag, "0");
  settings.set(count, "7");
  CHECK_FALSE(settings.get(flag));
  CHECK(settings.get(count) == 7);
  CHECK(settings.stored().size() == 2);
  settings.set(flag, "1");
  CHECK(settings.stored().size() == 1);
  settings.restore("count", "nonsense");
  CHECK(settings.get(count) == 5);
}

TEST_CASE("no two features declare the same setting, and each has a spec") {
  std::set<std::string_view> vars, names;
  for (const muc::Feature* feature : muc::all_features()) {
    CHECK(names.insert(feature->name).second);
    CHECK_FALSE(feature->spec.empty());
    for (const auto& setting : feature->settings) {
      CAPTURE(setting.var);
      CHECK(vars.insert(setting.var).second);
      CHECK_FALSE(setting.label.empty());
      CHECK(setting.parse(setting.to_field(setting.fallback)) == setting.fallback);
      CHECK(muc::find_setting(setting.var) == &setting);
    }
  }
  CHECK(muc::find_setting("muc#roomconfig_nothing") == nullptr);
}

TEST_CASE("who may change whose affiliation (XEP-0045 5.2.1)") {
  using enum record::Affiliation;
  const auto all = {outcast, none, member, admin, owner};
  for (const auto from : all)
    for (const auto to : all) {
      CHECK(muc::may_move(owner, from, to));
      CHECK(muc::may_move(admin, from, to) == (from <= member && to <= member));
      for (const auto actor : {outcast, none, member}) CHECK_FALSE(muc::may_move(actor, from, to));
    }
}
