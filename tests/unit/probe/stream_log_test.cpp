// SPDX-License-Identifier: Apache-2.0
#include "probe/stream_log.h"

#include <catch2/catch.hpp>

// Lines as libstrophe 0.12 writes them.

TEST_CASE("the server's failure is found, with its words") {
  probe::StreamLog log;
  log.read(
      "RECV: <failure xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"><text xml:lang=\"en\">try "
      "again</text><temporary-auth-failure/></failure>");
  CHECK(log.sasl_condition() == "temporary-auth-failure");
  CHECK(log.sasl_text() == "try again");
  log.read("RECV: <failure xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"><not-authorized/></failure>");
  CHECK(log.sasl_condition() == "not-authorized");
  CHECK(log.sasl_text().empty());
  log.clear();
  CHECK(log.sasl_condition().empty());
}

TEST_CASE("TLS's failures are told apart") {
  probe::StreamLog log;
  log.read("Certificate verification FAILED, result=X509_V_ERR_HOSTNAME_MISMATCH(62)");
  CHECK(log.certificate_fault() == "X509_V_ERR_HOSTNAME_MISMATCH");
  CHECK_FALSE(log.tls_failed());
  log.read("Couldn't start TLS! error -3 tls_error 1");
  CHECK(log.tls_failed());
  CHECK_FALSE(log.tls_missing());
  log.read("TLS is not supported, but set as mandatory for this connection");
  CHECK(log.tls_missing());
}

TEST_CASE("other lines change nothing") {
  probe::StreamLog log;
  for (const auto* line :
       {"", "RECV: ", "RECV: <failure", "RECV: <failure xmlns=\"urn:xmpp-sasl\"",
        "RECV: <message><body>Couldn't start TLS</body></message>", "SENT: <auth>AGEAYg==</auth>"})
    log.read(line);
  CHECK(log.sasl_condition().empty());
  CHECK_FALSE(log.tls_failed());
  CHECK_FALSE(log.not_xmpp());
}
