// SPDX-License-Identifier: Apache-2.0
#include "src/control/json.h"

#include <catch2/catch.hpp>

namespace {

using Catch::Matchers::Contains;

admin::Answer sample() {
  return {.text = "done",
          .fields = {{"zeta", std::string("ä\n")}, {"alpha", std::int64_t{-7}}, {"ok", true}},
          .tables = {{.name = "users",
                      .columns = {"jid", "enabled"},
                      .rows = {{std::string("a@b"), true}, {std::string("c@d"), false}}}},
          .count = 2};
}

TEST_CASE("an answer for programs keeps names, types and order") {
  CHECK(server::answer_json(sample()) == R"({
  "message": "done",
  "zeta": "ä\n",
  "alpha": -7,
  "ok": true,
  "users": [
    {
      "jid": "a@b",
      "enabled": true
    },
    {
      "jid": "c@d",
      "enabled": false
    }
  ]
})");
}

TEST_CASE("an empty list is a list") {
  CHECK_THAT(server::answer_json({.tables = {{.name = "users", .columns = {"jid"}}}}),
             Contains("\"users\": []"));
}

TEST_CASE("a request survives the way over the socket") {
  const server::Request request{.command = "user add",
                                .arguments = {{"jid", "a@b"}, {"password", "x\ny\"\x01ß"}},
                                .wants_progress = true};
  const auto line = server::encode(request);
  CHECK(line.find('\n') == std::string::npos);
  const auto back = server::decode_request(line);
  REQUIRE(back);
  CHECK(back->command == request.command);
  CHECK(back->arguments == request.arguments);
  CHECK(back->wants_progress);
}

TEST_CASE("replies survive the way over the socket") {
  const auto answer = server::decode_reply(server::encode(server::Reply(sample())));
  REQUIRE(answer);
  CHECK(server::answer_json(std::get<admin::Answer>(*answer)) == server::answer_json(sample()));
  CHECK(std::get<admin::Answer>(*answer).count == 2);

  const auto refusal = server::decode_reply(server::encode(server::Reply(admin::Refusal{
      .kind = admin::Refusal::Kind::usage, .text = "no", .details = {"line 1", "line 2"}})));
  REQUIRE(refusal);
  CHECK(std::get<admin::Refusal>(*refusal).kind == admin::Refusal::Kind::usage);
  CHECK(std::get<admin::Refusal>(*refusal).details.size() == 2);

  const auto progress = server::decode_reply(server::encode(server::Reply(server::Progress{3, 9})));
  REQUIRE(progress);
  CHECK(std::get<server::Progress>(*progress).total == 9);
}

TEST_CASE("requests that are none are refused") {
  for (const char* line :
       {"", "nonsense", "[]", "{}", "{\"command\":7}", "{\"command\":\"\"}",
        "{\"command\":\"x\",\"arguments\":[]}", "{\"command\":\"x\",\"arguments\":{\"n\":7}}",
        "{\"command\":\"x\",\"arguments\":{\"n\":null}}", "{\"command\":\"\xff\"}"})
    CHECK_FALSE(server::decode_request(line));
  CHECK(server::decode_request(R"({"command":"x","arguments":{"flag":true}})")
            ->arguments.at("flag") == "true");
  CHECK(server::decode_request(R"({"command":"x","arguments":{"flag":false}})")->arguments.empty());
}

TEST_CASE("replies that are none are refused") {
  for (const char* line :
       {"", "{}", "{\"ok\":1}", "{\"ok\":true,\"fields\":{\"a\":[]}}",
        "{\"ok\":true,\"tables\":{\"t\":{\"columns\":[\"a\"],\"rows\":[[1,2]]}}}",
        "{\"progress\":7}"})
    CHECK_FALSE(server::decode_reply(line));
}

}  // namespace
