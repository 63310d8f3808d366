// SPDX-License-Identifier: Apache-2.0
// The same transcripts against a running server, started by the integration harness:
//   HANSARD_TEST_C2S=host:port (plain TCP, PLAIN allowed)  HANSARD_TEST_DOMAIN=localhost
//   HANSARD_TEST_SERVICE=chat.localhost (that is the default: chat.<domain>)
//   HANSARD_TEST_TIDY=1 (a server that is not ours)
//   HANSARD_TEST_SCRIPTS=folder (other transcripts than those of the source)
// `--accounts` prints the accounts that have to exist, as `localpart,password` lines for
// `hansard user import -`. Arguments: parts of names of scripts to run; none = all.
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>

#include "tests/scripts/runner/socket_driver.h"

namespace {

std::string environment(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value == nullptr ? fallback : value;
}

std::vector<std::string> scripts() {
  return tests::find_scripts(environment("HANSARD_TEST_SCRIPTS", SCRIPTS_DIR));
}

bool wanted(const std::string& file, int argc, char** argv) {
  if (argc < 2) return true;
  for (int i = 1; i < argc; ++i)
    if (file.find(argv[i]) != std::string::npos) return true;
  return false;
}

void print_accounts() {
  std::set<std::string> names;
  for (const auto& file : scripts()) {
    const auto script = tests::read_script(file);
    if (script.memory_only) continue;
    for (const auto& client : script.clients) names.insert(tests::account_of(script, client));
  }
  for (const auto& name : names) std::cout << name << ",pass\n";
}

std::string run(const tests::Script& script, const tests::SocketDriver::Address& address) {
  try {
    tests::SocketDriver driver(address);
    tests::run_script(script, driver);
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--accounts") == 0) {
    print_accounts();
    return 0;
  }
  const std::string c2s = environment("HANSARD_TEST_C2S", "127.0.0.1:5222");
  const std::string domain = environment("HANSARD_TEST_DOMAIN", "localhost");
  const auto colon = c2s.rfind(':');
  const tests::SocketDriver::Address address{c2s.substr(0, colon), c2s.substr(colon + 1), domain,
                                             environment("HANSARD_TEST_SERVICE", "chat." + domain),
                                             !environment("HANSARD_TEST_TIDY", "").empty()};
  int passed = 0;
  int failed = 0;
  for (const auto& file : scripts()) {
    if (!wanted(file, argc, argv)) continue;
    const tests::Script script = tests::read_script(file);
    if (script.memory_only) continue;
    const std::string problem = run(script, address);
    ++(problem.empty() ? passed : failed);
    std::cout << (problem.empty() ? "pass " : "FAIL ") << script.name
              << (problem.empty() ? "" : ": " + problem) << std::endl;
  }
  std::cout << passed << " passed, " << failed << " failed" << std::endl;
  return failed == 0 ? 0 : 1;
}
