// SPDX-License-Identifier: Apache-2.0
#include "src/administration/reload.h"

#include <catch2/catch.hpp>

#include "src/config/options.h"

namespace {

using server::changed_keys;
using server::Config;
using server::may_change;
using Keys = std::vector<std::string>;

TEST_CASE("what has changed is told by key, in the order of the file") {
  Config before, after;
  CHECK(changed_keys(before, after) == Keys{});
  after.limits.stanza_bytes = 10'000;
  after.log_level = "debug";
  after.listen.c2s = {};
  CHECK(changed_keys(before, after) == Keys{"log_level", "listen.c2s", "limits.stanza_bytes"});
  after = before;
  after.components.push_back({"chat.example.org", "127.0.0.1:5347", "secret"});
  CHECK(changed_keys(before, after) == Keys{"component"});
}

TEST_CASE("BI-CFG-06: what may change at run time is named; all else needs a restart") {
  for (const auto* key : {"log_level", "admins", "tls.certificate", "tls.key", "c2s.mechanisms",
                          "auth.scram_iterations", "limits.stanza_bytes"})
    CHECK(may_change(key));
  for (const auto* key :
       {"domain", "data_dir", "shards", "listen.c2s", "database.content", "archive.enabled",
        "s2s.enabled", "component", "c2s.registration", "limits.history_on_join", "limitsx"})
    CHECK_FALSE(may_change(key));
}

}  // namespace
