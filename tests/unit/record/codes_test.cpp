// SPDX-License-Identifier: Apache-2.0
#include "record/codes.h"

#include <catch2/catch.hpp>
#include <set>

#include "record/event.h"

TEST_CASE("every kind of event is in the table, once, under its own name") {
  std::set<int> numbers;
  std::set<std::string_view> names;
  for (const auto& code : record::all_codes()) {
    CHECK(numbers.insert(static_cast<int>(code.code)).second);
    CHECK(names.insert(code.name).second);
    CHECK(record::info(code.code).name == code.name);
  }
  [&]<class... E>(std::variant<E...>*) {
    for (const int code : {static_cast<int>(E::code)...}) CHECK(numbers.contains(code));
  }(static_cast<record::Body*>(nullptr));
}

TEST_CASE("numbers of the record never change") {
  CHECK(static_cast<int>(record::Code::message_posted) == 101);
  CHECK(record::info(record::Code::message_posted).name == "message.posted");
  CHECK(record::info(record::Code::message_posted).cls == record::Class::room);
  CHECK(record::info(record::Code::history_viewed).cls == record::Class::read);
  CHECK(record::info(record::Code::account_changed).cls == record::Class::account);
  CHECK(static_cast<int>(record::Code::crash_detected) == 608);
}

TEST_CASE("words are XEP-0045's") {
  CHECK(record::name(record::Affiliation::outcast) == "outcast");
  CHECK(record::name(record::Affiliation::owner) == "owner");
  CHECK(record::name(record::Role::none) == "none");
  CHECK(record::name(record::Role::moderator) == "moderator");
  CHECK(record::name(record::LeaveCause::replaced) == "replaced");
}
