// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/sasl.h"

#include <gsasl.h>

#include <catch2/catch.hpp>

#include "tests/unit/bridge/world.h"

namespace {

using namespace bridge::c2s;
using bridge::Lookup;
using Kind = SaslStep::Kind;
using xmpp::SaslCondition;

const std::string binding_data(32, 'b');

std::shared_ptr<const Config> config() {
  static const auto shared = std::make_shared<const Config>(tests::test_config());
  return shared;
}

Lookup found() {
  static const auto pencil = tests::verifiers("pencil");
  return {Lookup::State::found, pencil};
}

struct Exchange {
  explicit Exchange(const std::string& mechanism, const std::string& exporter = {})
      : sasl(library, config(), mechanism, exporter) {}

  // Until the client is needed again.
  SaslStep settle(SaslStep step) {
    while (step.kind == Kind::lookup || step.kind == Kind::check) {
      if (step.kind == Kind::lookup) looked_up = true;
      step = step.kind == Kind::lookup ? sasl.credentials(lookup)
                                       : sasl.checked(sasl.take_check().run());
    }
    return step;
  }
  SaslStep start(const std::string& bytes) { return settle(sasl.start(base::base64(bytes))); }
  SaslStep respond(const std::string& bytes) { return settle(sasl.respond(base::base64(bytes))); }

  SaslLibrary library;
  SaslExchange sasl;
  Lookup lookup = found();
  bool looked_up = false;
};

std::string plain(const std::string& authzid, const std::string& user,
                  const std::string& password) {
  return authzid + '\0' + user + '\0' + password;
}

bool failed(const SaslStep& step, SaslCondition condition) {
  return step.kind == Kind::failure && step.condition == condition;
}

struct ScramClient {
  ScramClient(const std::string& mechanism, const std::string& password, const char* authzid = "") {
    REQUIRE(gsasl_init(&library) == GSASL_OK);
    gsasl_callback_set(library, [](Gsasl*, Gsasl_session* s, Gsasl_property p) {
      const bool plus = std::string_view(gsasl_mechanism_name(s)).ends_with("-PLUS");
      if (p != GSASL_CB_TLS_EXPORTER || !plus) return int{GSASL_NO_CALLBACK};
      return gsasl_property_set(s, p, base::base64(binding_data).c_str());
    });
    REQUIRE(gsasl_client_start(library, mechanism.c_str(), &session) == GSASL_OK);
    gsasl_property_set(session, GSASL_AUTHID, "juliet");
    gsasl_property_set(session, GSASL_PASSWORD, password.c_str());
    if (*authzid != '\0') gsasl_property_set(session, GSASL_AUTHZID, authzid);
  }
  ~ScramClient() {
    gsasl_finish(session);
    gsasl_done(library);
  }
  std::string step(const std::string& input) {
    char* output = nullptr;
    std::size_t size = 0;
    code = gsasl_step(session, input.data(), input.size(), &output, &size);
    std::string bytes(output == nullptr ? "" : output, size);
    gsasl_free(output);
    return bytes;
  }
  Gsasl* library = nullptr;
  Gsasl_session* session = nullptr;
  int code = GSASL_OK;
};

}  // namespace

TEST_CASE("libgsasl as client logs in by SCRAM, with channel binding too") {
  const std::string mechanism =
      GENERATE("SCRAM-SHA-256", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS");
  Exchange server(mechanism, is_plus(mechanism) ? binding_data : std::string());
  ScramClient client(mechanism, "pencil");
  const SaslStep challenge = server.start(client.step({}));
  REQUIRE(challenge.kind == Kind::challenge);
  CHECK(challenge.data.find(",i=4096") != std::string::npos);
  const SaslStep success = server.respond(client.step(challenge.data));
  REQUIRE(success.kind == Kind::success);
  client.step(success.data);
  CHECK(client.code == GSASL_OK);  // the server has proved that it knows the account
  CHECK(server.sasl.localpart() == "juliet");
}

TEST_CASE("a wrong password fails, at the end, with not-authorized") {
  const std::string mechanism = GENERATE("SCRAM-SHA-256", "SCRAM-SHA-1");
  Exchange server(mechanism);
  ScramClient client(mechanism, "pen");
  const SaslStep challenge = server.start(client.step({}));
  REQUIRE(challenge.kind == Kind::challenge);
  CHECK(failed(server.respond(client.step(challenge.data)), SaslCondition::not_authorized));
}

TEST_CASE("BI-SASL-07: an unknown user gets a stable salt and fails like a wrong password") {
  const std::string mechanism = GENERATE("SCRAM-SHA-256", "SCRAM-SHA-1");
  const auto challenge_to = [&](const std::string& user, Lookup lookup) {
    Exchange server(mechanism);
    server.lookup = std::move(lookup);
    const auto step = server.start("n,,n=" + user + ",r=abc");
    CHECK(server.looked_up);
    REQUIRE(step.kind == Kind::challenge);
    return step.data.substr(step.data.find(",s="));
  };
  const auto known = challenge_to("juliet", found());
  const auto nobody = challenge_to("nobody", {});
  CHECK(nobody.size() == known.size());
  CHECK(nobody == challenge_to("nobody", {}));
  CHECK(nobody == challenge_to("NoBody", {}));  // the same account after preparation
  CHECK(nobody != challenge_to("nobody2", {}));
  CHECK(nobody.ends_with(",i=4096"));

  Exchange server(mechanism);
  server.lookup = {};
  ScramClient client(mechanism, "pencil");
  const SaslStep challenge = server.start(client.step({}));
  CHECK(failed(server.respond(client.step(challenge.data)), SaslCondition::not_authorized));
}

TEST_CASE("BI-SASL-07: PLAIN of an unknown user does the same work and fails the same way") {
  Exchange server("PLAIN");
  server.lookup = {};
  REQUIRE(server.sasl.start(base::base64(plain("", "nobody", "pencil"))).kind == Kind::lookup);
  REQUIRE(server.sasl.credentials({}).kind == Kind::check);
  const auto check = server.sasl.take_check();
  CHECK(check.keys.iterations == 4096);
  CHECK_FALSE(check.run());
  CHECK(failed(server.sasl.checked(true), SaslCondition::not_authorized));
}

TEST_CASE("PLAIN accepts the password and nothing else") {
  CHECK(Exchange("PLAIN").start(plain("", "juliet", "pencil")).kind == Kind::success);
  CHECK(Exchange("PLAIN").start(plain("", "JULIET", "pencil")).kind == Kind::success);
  for (const char* wrong : {"pen", "pencil ", "Pencil"})
    CHECK(
        failed(Exchange("PLAIN").start(plain("", "juliet", wrong)), SaslCondition::not_authorized));
}

TEST_CASE("a disabled account is told so only who knows the password") {
  Exchange right("PLAIN"), wrong("PLAIN");
  right.lookup.state = wrong.lookup.state = Lookup::State::disabled;
  CHECK(failed(right.start(plain("", "juliet", "pencil")), SaslCondition::account_disabled));
  CHECK(failed(wrong.start(plain("", "juliet", "pen")), SaslCondition::not_authorized));
}

TEST_CASE("without a database nobody is told that a password is wrong") {
  Exchange server(GENERATE("PLAIN", "SCRAM-SHA-256"));
  server.lookup.state = Lookup::State::unavailable;
  const bool plain_text = server.sasl.mechanism() == "PLAIN";
  CHECK(failed(server.start(plain_text ? plain("", "juliet", "pencil") : "n,,n=juliet,r=abc"),
               SaslCondition::temporary_auth_failure));
}

TEST_CASE("BI-SASL-02: base64 has one form only") {
  for (const char* text : {"====", "a", "YQ==x", "YW Jj", " YWJj", "YWJj\n", "YR==", "YQ", "YQ="}) {
    INFO(text);
    CHECK(failed(Exchange("PLAIN").sasl.start(text), SaslCondition::incorrect_encoding));
  }
}

TEST_CASE("BI-SASL-03: no initial response is asked for, an empty one is malformed") {
  for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256"}) {
    Exchange server(mechanism);
    const SaslStep step = server.sasl.start("");
    CHECK((step.kind == Kind::challenge && step.data.empty()));
    CHECK(failed(server.sasl.respond(""), SaslCondition::malformed_request));
    CHECK(failed(Exchange(mechanism).sasl.start("="), SaslCondition::malformed_request));
  }
  Exchange late("PLAIN");
  late.sasl.start("");
  CHECK(late.respond(plain("", "juliet", "pencil")).kind == Kind::success);
}

TEST_CASE("BI-SASL-04: PLAIN with 0, 1 or 3 NULs is malformed") {
  using namespace std::string_literals;
  for (const auto& bytes : {"juliet"s, "juliet\0pencil"s, "\0juliet\0pen\0cil"s})
    CHECK(failed(Exchange("PLAIN").start(bytes), SaslCondition::malformed_request));
}

TEST_CASE("BI-SASL-05, 06: only the own bare JID may be the authorization identity") {
  for (const char* own : {"juliet@localhost", "JULIET@LocalHost", "ｊuliet@localhost"}) {
    INFO(own);
    CHECK(Exchange("PLAIN").start(plain(own, "juliet", "pencil")).kind == Kind::success);
    CHECK(Exchange("SCRAM-SHA-256").start("n,a=" + std::string(own) + ",n=juliet,r=abc").kind ==
          Kind::challenge);
  }
  for (const char* other : {"romeo@localhost", "juliet@localhost/balcony", "juliet@elsewhere",
                            "juliet", "localhost", "@localhost"}) {
    INFO(other);
    Exchange server("PLAIN");
    CHECK(failed(server.start(plain(other, "juliet", "pencil")), SaslCondition::invalid_authzid));
    CHECK_FALSE(server.looked_up);
    CHECK(failed(Exchange("SCRAM-SHA-256").start("n,a=" + std::string(other) + ",n=juliet,r=abc"),
                 SaslCondition::invalid_authzid));
  }
}

TEST_CASE("BI-SASL-08: SCRAM messages that cheat") {
  const std::string mechanism = "SCRAM-SHA-256";
  SECTION("first messages") {
    for (const char* first : {"n,,m=x,n=juliet,r=abc", "p=tls-exporter,,n=juliet,r=abc",
                              "p=tls-nonsense,,n=juliet,r=abc"}) {
      INFO(first);
      CHECK(failed(Exchange(mechanism).start(first), SaslCondition::not_authorized));
    }
  }
  SECTION("y although we offer -PLUS is a downgrade; it is fine where we do not") {
    CHECK(failed(Exchange(mechanism, binding_data).start("y,,n=juliet,r=abc"),
                 SaslCondition::not_authorized));
    CHECK(Exchange(mechanism).start("y,,n=juliet,r=abc").kind == Kind::challenge);
  }
  SECTION("-PLUS with an unknown type, and without binding") {
    for (const char* first :
         {"p=tls-nonsense,,n=juliet,r=abc", "p=tls-unique,,n=juliet,r=abc", "n,,n=juliet,r=abc"})
      CHECK(failed(Exchange("SCRAM-SHA-256-PLUS", binding_data).start(first),
                   SaslCondition::not_authorized));
  }
  SECTION("last messages") {
    const auto last_of = [&](const std::function<void(std::string&)>& spoil) {
      Exchange server(mechanism);
      ScramClient client(mechanism, "pencil");
      std::string last = client.step(server.start(client.step({})).data);
      spoil(last);
      return server.respond(last);
    };
    CHECK(last_of([](std::string&) {}).kind == Kind::success);
    CHECK(failed(last_of([](std::string& m) { m.replace(m.find("r=") + 2, 4, "AAAA"); }),
                 SaslCondition::not_authorized));
    CHECK(failed(last_of([](std::string& m) { m.replace(0, 6, "c=eSws"); }),
                 SaslCondition::not_authorized));
  }
  SECTION("a replayed last message") {
    Exchange server(mechanism), again(mechanism);
    ScramClient client(mechanism, "pencil");
    const std::string first = client.step({});
    const std::string last = client.step(server.start(first).data);
    CHECK(server.respond(last).kind == Kind::success);
    CHECK(failed(server.sasl.respond(base::base64(last)), SaslCondition::malformed_request));
    CHECK(again.start(first).kind == Kind::challenge);
    CHECK(failed(again.respond(last), SaslCondition::not_authorized));
  }
}

TEST_CASE("BI-SASL-13: a password of over 1 KiB is refused before any hashing") {
  for (const auto& [size, kind] :
       {std::pair{1023, Kind::check}, {1024, Kind::check}, {1025, Kind::failure}}) {
    Exchange server("PLAIN");
    SaslStep step = server.sasl.start(
        base::base64(plain("", "juliet", std::string(static_cast<std::size_t>(size), 'x'))));
    if (step.kind == Kind::lookup) step = server.sasl.credentials(found());
    CHECK(step.kind == kind);
  }
  for (const char* bad : {"pen\x01", "\xff", ""})
    CHECK(failed(Exchange("PLAIN").start(plain("", "juliet", bad)), SaslCondition::not_authorized));
}

TEST_CASE("BI-SASL-01: mechanisms are offered only where they may be used") {
  using Names = std::vector<std::string>;
  Config c;
  c.mechanisms = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"};
  CHECK(offered_mechanisms(c, true, true) == c.mechanisms);
  CHECK(offered_mechanisms(c, true, false) == Names{"SCRAM-SHA-256", "PLAIN"});
  CHECK(offered_mechanisms(c, false, false).empty());
  c.require_tls = false;
  CHECK(offered_mechanisms(c, false, false) == Names{"SCRAM-SHA-256"});
  c.allow_plain_without_tls = true;
  CHECK(offered_mechanisms(c, false, false) == Names{"SCRAM-SHA-256", "PLAIN"});
}
