// SPDX-License-Identifier: Apache-2.0
// `hansard check` and offline commands, on real databases in a folder of their own.
#include "src/command/check.h"

#include <catch2/catch.hpp>

#include "admin/commands.h"
#include "net/tls/tls.h"
#include "src/command/offline.h"
#include "tests/unit/src/temporary.h"

namespace {

using Catch::Matchers::Contains;

constexpr base::Micros day = 24 * base::minutes(60);

struct House {
  tests::TemporaryFolder folder;
  server::Config config;

  House() {
    config.data_dir = folder.path("data");
    config.listen.c2s = {"127.0.0.1:5999"};
    config.listen.c2s_tls = {};
  }
  void first_start() {
    std::filesystem::create_directories(config.in_data_dir("tls"));
    REQUIRE(net::make_self_signed(config.in_data_dir(config.tls.certificate),
                                  config.in_data_dir(config.tls.key),
                                  {config.domain, "chat." + config.domain}));
  }
  server::CheckReport check(base::Micros from_now = 0) const {
    return server::check(config, base::SystemClock().wall() + from_now);
  }
  base::Result<admin::Answer, admin::Refusal> run(const admin::Command& command,
                                                  const admin::Arguments& arguments) const {
    return server::run_offline(config, command, arguments, {.uid = 7});
  }
};

// All findings in one text: "state what: finding".
std::string text(const server::CheckReport& report) {
  std::string all;
  for (const auto& row : report.answer.tables.at(0).rows)
    all += std::get<std::string>(row[0]) + " " + std::get<std::string>(row[1]) + ": " +
           std::get<std::string>(row[2]) + "\n";
  return all;
}

TEST_CASE("before the first start it is said what will be made") {
  const House house;
  const auto report = house.check();
  CHECK(report.wrong == 0);
  CHECK_THAT(text(report), Contains("note certificate: a self-signed one for localhost") &&
                               Contains("content.db will be made") &&
                               Contains("good listener: 127.0.0.1:5999"));
  CHECK_FALSE(std::filesystem::exists(house.config.data_dir));
}

TEST_CASE("a certificate is good until it ends (BI-CFG-05)") {
  House house;
  house.first_start();
  CHECK(house.check().wrong == 0);
  CHECK_THAT(text(house.check(3640 * day)), Contains("note certificate: is valid only until"));
  CHECK_THAT(text(house.check(3700 * day)), Contains("wrong certificate: was valid until"));
  CHECK_THAT(text(house.check(-2 * day)), Contains("wrong certificate: is not valid before"));
}

TEST_CASE("a certificate that names somebody else is wrong (BI-CFG-05)") {
  House house;
  house.first_start();
  house.config.domain = "example.org";
  CHECK_THAT(text(house.check()), Contains("wrong certificate: does not name example.org"));
}

TEST_CASE("a key that is not the certificate's, or that others can read, is said (BI-CFG-05)") {
  House house;
  house.first_start();
  namespace fs = std::filesystem;
  const auto key = house.config.in_data_dir(house.config.tls.key);
  fs::permissions(key, fs::perms::others_read, fs::perm_options::add);
  CHECK_THAT(text(house.check()), Contains("can be read by others"));
  REQUIRE(net::make_self_signed(house.folder.path("other.pem"), key + ".new", {"localhost"}));
  fs::rename(key + ".new", key);
  CHECK(house.check().wrong == 1);
  fs::remove(key);
  CHECK(house.check().wrong == 1);
}

TEST_CASE("configured certificates are not made up") {
  House house;
  house.config.tls.certificate = "elsewhere.pem";
  CHECK(house.check().wrong >= 1);
}

TEST_CASE("an archive that is no database is wrong") {
  House house;
  house.first_start();
  std::ofstream(house.config.in_data_dir("archive.db")) << "hello";
  CHECK_THAT(text(house.check()), Contains("wrong archive database"));
}

TEST_CASE("an address that is not this machine's is wrong") {
  House house;
  house.config.listen.c2s = {"192.0.2.1:5999"};
  CHECK(house.check().wrong == 1);
}

TEST_CASE("commands work without a server and what they did stays") {
  House house;
  const auto made = house.run(admin::user_add, {{"jid", "alice@localhost"}, {"password", "x"}});
  if (!made) FAIL(made.error().text);
  CHECK_FALSE(house.run(admin::user_add, {{"jid", "alice@localhost"}, {"password", "x"}}));
  const auto list = house.run(admin::user_list, {});
  REQUIRE(list);
  CHECK(list->tables.at(0).rows.size() == 1);
  CHECK_THAT(text(house.check()), Contains("good content database"));
}

TEST_CASE("a data directory that is not there is not made by mistake") {
  const House house;
  const auto list = house.run(admin::user_list, {});
  REQUIRE_FALSE(list);
  CHECK_THAT(list.error().text, Contains("no data directory"));
  CHECK_FALSE(std::filesystem::exists(house.config.data_dir));
}

TEST_CASE("status without a server is refused and makes nothing") {
  const House house;
  const auto status = house.run(admin::status, {});
  REQUIRE_FALSE(status);
  CHECK_THAT(status.error().text, Contains("hansard serve"));
  CHECK_FALSE(std::filesystem::exists(house.config.data_dir));
}

}  // namespace
