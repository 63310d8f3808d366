// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/unit/bridge/client.h"
#include "tests/unit/bridge/world.h"

using tests::Client;
using tests::World;

TEST_CASE("a client logs in over STARTTLS, binds and is pinged") {
  World world;
  Client juliet(world.port());
  juliet.open();
  CHECK(juliet.features.find("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>") !=
        std::string::npos);
  CHECK(juliet.features.find("<mechanisms") == std::string::npos);
  juliet.start_tls();
  CHECK(juliet.features.find("<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1"
                             "</mechanism><mechanism>PLAIN</mechanism>") != std::string::npos);
  CHECK(juliet.features.find("PLUS") == std::string::npos);
  const std::string mechanism = GENERATE("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN");
  CHECK(juliet.login(mechanism, "juliet", "pencil").starts_with("<success"));
  juliet.open(" from='juliet@localhost'");
  CHECK(juliet.features.find("to='juliet@localhost'") != std::string::npos);
  CHECK(juliet.features.find("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>") !=
        std::string::npos);
  CHECK(juliet.bind("balcony") == "juliet@localhost/balcony");
  CHECK(world.router.session_count() == 1);
  CHECK(world.server->waiting() == 0);
  juliet.send("<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
  CHECK(juliet.expect("/>") ==
        "<iq type='result' id='p' to='juliet@localhost/balcony' from='localhost'/>");
  juliet.send("</stream:stream>");
  CHECK(juliet.rest() == "</stream:stream>");
  CHECK(tests::eventually([&] { return world.router.session_count() == 0; }));
}
