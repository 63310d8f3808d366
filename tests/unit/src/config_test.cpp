// SPDX-License-Identifier: Apache-2.0
// BI-CFG-02, BI-CFG-03, BI-CFG-04, BI-CFG-08: what hansard.toml must not say.
#include "src/config/config.h"

#include <catch2/catch.hpp>

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

server::Config good(const std::string& text) {
  auto config = server::parse_config(text, "h.toml");
  if (!config) FAIL(config.error().at(0));
  return std::move(*config);
}

// The only problem of a file.
std::string problem(const std::string& text) {
  const auto config = server::parse_config(text, "h.toml");
  if (config) return "accepted";
  INFO(config.error().back());
  CHECK(config.error().size() == 1);
  return config.error().front();
}

TEST_CASE("keys of every section are read") {
  const auto config = good(R"(
domain = "Example.ORG"
shards = 4
admins = ["Root@example.org"]
[listen]
c2s = ["[::1]:6222"]
s2s = []
[c2s]
require_tls = false
mechanisms = ["SCRAM-SHA-1"]
[limits]
stanzas_per_second = 7
[s2s.routes]
"partner.example" = "192.0.2.7:5269"
[[component]]
service = "chat.example.org"
host = "127.0.0.1:5347"
secret_file = "/secret"
)");
  CHECK(config.domain == "example.org");
  CHECK(config.shards == 4);
  CHECK(config.admins == std::vector<std::string>{"root@example.org"});
  CHECK(config.listen.c2s == std::vector<std::string>{"[::1]:6222"});
  CHECK(config.listen.s2s.empty());
  CHECK_FALSE(config.c2s.require_tls);
  CHECK(config.limits.stanzas_per_second == 7);
  CHECK(config.s2s.routes.at("partner.example") == "192.0.2.7:5269");
  REQUIRE(config.components.size() == 1);
  CHECK(config.components[0].service == "chat.example.org");
  CHECK(config.warnings.empty());
}

TEST_CASE("the administrator by default lives on the configured domain") {
  CHECK(good("domain = \"example.org\"").admins == std::vector<std::string>{"admin@example.org"});
  CHECK(good("domain = \"example.org\"\nadmins = []").admins.empty());
}

TEST_CASE("a misspelt key is refused and the nearest one named (BI-CFG-02)") {
  CHECK(problem("[limits]\nstanza_byte = 20000") ==
        "h.toml:2:1: unknown key 'stanza_byte' in [limits]; did you mean 'stanza_bytes'?");
  CHECK_THAT(problem("\n\n  domian = \"x\""), StartsWith("h.toml:3:3: ") && Contains("'domain'"));
  CHECK_THAT(problem("[limit]\n"), Contains("'limits'"));
  CHECK_THAT(problem("[c2s]\nrequire_tsl = true"), Contains("'require_tls'"));
  CHECK_THAT(problem("frobnicate = 1"), Contains("hansard.toml(5)"));
}

TEST_CASE("a key in the wrong section is sent to the right one (BI-CFG-02)") {
  CHECK_THAT(problem("[c2s]\nstanza_bytes = 20000"), Contains("belongs in [limits]"));
  CHECK_THAT(problem("[tls]\nrequire_tls = true"), Contains("[c2s] or [s2s]"));
  CHECK_THAT(problem("[limits]\ndomain = \"x\""), Contains("above the first [section]"));
}

TEST_CASE("a key given twice is refused (BI-CFG-02)") {
  CHECK_THAT(problem("domain = \"a\"\ndomain = \"b\""), StartsWith("h.toml:2:"));
  CHECK_THAT(problem("[c2s]\n[tls]\n[c2s]\n"), StartsWith("h.toml:3:"));
}

TEST_CASE("a wrong type says what is right") {
  CHECK(problem("[c2s]\nrequire_tls = \"yes\"") ==
        "h.toml:2:1: 'c2s.require_tls' must be true or false");
  CHECK_THAT(problem("domain = 7"), Contains("text in quotes"));
  CHECK_THAT(problem("[listen]\nc2s = \"127.0.0.1:5222\""), Contains("list of texts"));
  CHECK_THAT(problem("[listen]\nc2s = [5222]"), Contains("list of texts"));
  CHECK_THAT(problem("log_level = \"loud\""), Contains("trace, debug, info, warn, error"));
  CHECK_THAT(problem("[c2s]\nmechanisms = [\"MD5\"]"), Contains("SCRAM-SHA-256"));
  CHECK_THAT(problem("listen = 5"), Contains("[listen]"));
  CHECK_THAT(problem("[component]\nservice = \"x\""), Contains("[[component]]"));
}

TEST_CASE("every problem of a file is shown at once") {
  const auto config =
      server::parse_config("shards = \"x\"\n[c2s]\nx = 1\n[auth]\nx = 1\n", "h.toml");
  REQUIRE_FALSE(config);
  REQUIRE(config.error().size() == 3);
  CHECK_THAT(config.error()[0], StartsWith("h.toml:1:1"));
  CHECK_THAT(config.error()[1], StartsWith("h.toml:3:1"));
  CHECK_THAT(config.error()[2], StartsWith("h.toml:5:1"));
}

TEST_CASE("ports and listeners that cannot be (BI-CFG-03)") {
  for (const char* address : {"127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:5222x", "127.0.0.1", ":",
                              "127.0.0.1:-1", ""}) {
    const auto text = "[listen]\nc2s = [\"" + std::string(address) + "\"]";
    CHECK_THAT(problem(text), StartsWith("h.toml:2:1: listen.c2s cannot use"));
  }
  CHECK_THAT(problem("[listen]\nc2s = [\"127.0.0.1:5223\"]"),
             Contains("listen.c2s_tls") && Contains("another port"));
  CHECK_THAT(problem("[listen]\nc2s = [\"0.0.0.0:5280\"]"), Contains("listens there already"));
  CHECK(good("[listen]\nc2s = [\"127.0.0.1:65535\"]").listen.c2s.size() == 1);
  CHECK(good("[listen]\nc2s = [\"127.0.0.2:5223\"]").listen.c2s.size() == 1);
}

TEST_CASE("limits: zero, negative, fractions and units are refused (BI-CFG-04)") {
  for (const char* value : {"0", "-1", "1e99", "\"10ZB\"", "\"Unlimited\"", "true", "1.5"}) {
    const auto text = "[limits]\nstanzas_per_second = " + std::string(value);
    CHECK_THAT(problem(text), Contains("a number from 1 to 1000000 or \"unlimited\""));
  }
}

TEST_CASE("limits at their bounds (BI-CFG-04)") {
  const auto with = [](const std::string& n) { return "[limits]\nhistory_on_join = " + n; };
  CHECK(good(with("1")).limits.history_on_join == 1);
  CHECK(good(with("499")).limits.history_on_join == 499);
  CHECK(good(with("500")).limits.history_on_join == 500);
  CHECK_THAT(problem(with("501")), Contains("1 to 500"));
  CHECK_THAT(problem(with("\"unlimited\"")), Contains("1 to 500"));
}

TEST_CASE("unlimited is a word, and worth a warning (BI-CFG-04)") {
  const auto config = good("[limits]\nbytes_per_second = \"unlimited\"");
  CHECK(config.limits.bytes_per_second == server::unlimited);
  REQUIRE(config.warnings.size() == 1);
  CHECK_THAT(config.warnings[0], Contains("limits.bytes_per_second"));
  CHECK(good("[limits]\nlarge_room_occupants = \"unlimited\"").warnings.empty());
}

TEST_CASE("passwords in the clear only on loopback") {
  CHECK(good("[c2s]\nallow_plain_without_tls = true").c2s.allow_plain_without_tls);
  CHECK(good("[listen]\nc2s = []\n[c2s]\nallow_plain_without_tls = true").listen.c2s.empty());
  CHECK_THAT(problem("[listen]\nc2s = [\"127.0.0.1:5222\", \"192.0.2.1:5222\"]\n"
                     "[c2s]\nallow_plain_without_tls = true"),
             StartsWith("h.toml:4:1: c2s.allow_plain_without_tls") && Contains("192.0.2.1:5222"));
}

TEST_CASE("names are normalised or refused (BI-CFG-08)") {
  CHECK(good("domain = \"EXAMPLE.org\"").domain == "example.org");
  for (const char* domain : {"", "a b", "user@host", "x/y"}) {
    CHECK_THAT(problem("domain = \"" + std::string(domain) + "\""), Contains("not a domain"));
  }
  CHECK_THAT(problem("admins = [\"root\"]"), Contains("user@domain"));
  CHECK_THAT(problem("admins = [\"root@localhost/x\"]"), Contains("user@domain"));
}

TEST_CASE("combinations that cannot be") {
  CHECK_THAT(problem("[database]\ncontent = \"mysql:x\""), Contains("sqlite:FILE"));
  for (const char* archive : {"content.db", "./content.db", "x/../content.db"})
    CHECK_THAT(problem("[database]\narchive = \"sqlite:" + std::string(archive) + "\""),
               Contains("another database"));
  const auto servers = [](const std::string& content, const std::string& archive) {
    return "[database]\ncontent = \"postgresql://" + content + "\"\narchive = \"postgresql://" +
           archive + "\"";
  };
  for (const char* archive : {"h/d", "other@h/d?application_name=x", "H:5432/d", "/d?host=h",
                              "g,h/d", "/d?host=h.&port=5432"})
    CHECK_THAT(problem(servers("u:hidden@h/d", archive)),
               Contains("another database than database.content, and both are postgresql://h/d") &&
                   !Contains("hidden"));
  CHECK_THAT(problem(servers("localhost/d", "127.0.0.1/d")), Contains("another database"));
  for (const char* archive : {"h/e", "g/d", "h:5433/d", "/d?host=/run/postgresql"})
    CHECK(good(servers("h/d", archive)).database.archive.ends_with(archive));
  CHECK_THAT(problem("[c2s]\nmechanisms = []"), Contains("at least one"));
  CHECK_THAT(problem("[c2s]\nmechanisms = [\"PLAIN\", \"PLAIN\"]"), Contains("once"));
  CHECK_THAT(problem("[limits]\nstanza_bytes = 2000000"), Contains("limits.send_queue_bytes"));
  CHECK_THAT(problem("[limits]\npreauth_connections = 19"), Contains("preauth_per_address"));
  CHECK(good("[limits]\npreauth_connections = 20").limits.preauth_connections == 20);
  CHECK_THAT(problem("[tls]\nkey = \"\""), Contains("tls.key"));
  CHECK_THAT(problem("[s2s]\ndns = \"localhost\""), Contains("s2s.dns"));
  CHECK_THAT(problem("[s2s.routes]\n\"a.example\" = \"x\""), Contains("s2s.routes"));
}

TEST_CASE("XEP-0157: contacts are URIs with a scheme, twenty of a kind") {
  const auto with = [](const std::string& uris) { return "[contact]\nabuse = [" + uris + "]"; };
  const auto config = good(with("\"mailto:abuse@example.org\", \"xmpp:a@example.org?message\""));
  CHECK(config.contact.abuse.size() == 2);
  CHECK(config.contact.support.empty());
  for (const char* uri : {"https://example.org/help", "tel:+390451234", "sip:a@b", "a+b-c.1:x"})
    CHECK(good(with('"' + std::string(uri) + '"')).contact.abuse.front() == uri);
  for (const char* wrong : {"", "abuse@example.org", "mailto:", ":x", "1a:x", "ma ilto:x",
                            "mailto:a b", "https://example.org/<x>", "mailto:é@example.org"})
    CHECK_THAT(problem(with('"' + std::string(wrong) + '"')),
               Contains("contact.abuse") && Contains("is not a URI"));
  const auto long_one = [&](std::size_t bytes) {
    return with("\"x:" + std::string(bytes - 2, 'y') + "\"");
  };
  CHECK(good(long_one(1022)).contact.abuse.size() == 1);
  CHECK(good(long_one(1023)).contact.abuse.size() == 1);
  CHECK_THAT(problem(long_one(1024)), Contains("is not a URI"));
  const auto many = [&](int count) {
    std::string uris;
    for (int i = 0; i < count; ++i) uris += "\"x:" + std::to_string(i) + "\",";
    return with(uris);
  };
  CHECK(good(many(19)).contact.abuse.size() == 19);
  CHECK(good(many(20)).contact.abuse.size() == 20);
  CHECK_THAT(problem(many(21)), Contains("more than 20"));
}

TEST_CASE("a component is whole or refused") {
  const auto with = [](const std::string& service, const std::string& host,
                       const std::string& file) {
    return "[[component]]\nservice = \"" + service + "\"\nhost = \"" + host +
           "\"\nsecret_file = \"" + file + "\"\n";
  };
  CHECK(good(with("a.example", "127.0.0.1:5347", "s")).components.size() == 1);
  CHECK_THAT(problem(with("localhost", "127.0.0.1:5347", "s")), Contains("is taken"));
  CHECK_THAT(problem(with("a.example", "nowhere", "s")), Contains("component.host"));
  CHECK_THAT(problem(with("a.example", "127.0.0.1:5347", "")), Contains("component.secret_file"));
  CHECK_THAT(problem("[[component]]\nport = 1"), Contains("service, host, secret_file"));
}

TEST_CASE("text that is not TOML is refused where it stops being it (BI-CFG-01)") {
  CHECK_THAT(problem("domain = \"a\"\nshards 4"), StartsWith("h.toml:2:"));
  CHECK_THAT(problem("domain = \"\xff\""), StartsWith("h.toml:1:"));
  CHECK(good("\xef\xbb\xbf"
             "domain = \"a\"\r\nshards = 2\r\n")
            .shards == 2);
}

TEST_CASE("what is not served yet is said in one sentence") {
  CHECK_THAT(server::not_served_yet({}),
             Contains("listen.s2s") && !Contains("listen.http") && !Contains("direct_messages"));
  CHECK(server::not_served_yet(good("[listen]\ns2s = []")) == "");
  CHECK(server::not_served_yet(good("[listen]\ns2s = []\n[limits]\nlarge_room_occupants = 100")) ==
        "");
}

TEST_CASE("pages that anybody can reach are worth a line in the log") {
  CHECK(good("[listen]\nhttp = [\"127.0.0.1:5280\", \"[::1]:5280\"]").warnings.empty());
  const auto config = good("[listen]\nhttp = [\"0.0.0.0:5280\"]");
  REQUIRE(config.warnings.size() == 1);
  CHECK_THAT(config.warnings[0], Contains("listen.http") && Contains("0.0.0.0:5280"));
}

TEST_CASE("paths are below the data directory unless absolute") {
  server::Config config;
  config.data_dir = "/data";
  CHECK(config.in_data_dir("tls/key.pem") == "/data/tls/key.pem");
  CHECK(config.in_data_dir("/etc/key.pem") == "/etc/key.pem");
  CHECK(config.control_socket() == "/data/control.sock");
}

}  // namespace
