// SPDX-License-Identifier: Apache-2.0
// BI-CFG-01: files that are no configuration.
#include "src/config/config_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "src/config/config.h"
#include "tests/unit/src/temporary.h"

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

std::string refusal(const std::string& file) {
  const auto text = server::read_config_file(file);
  return text ? "accepted" : text.error();
}

TEST_CASE("what is not a regular, readable file is refused (BI-CFG-01)") {
  tests::TemporaryFolder folder;
  CHECK_THAT(refusal(folder.path("missing.toml")),
             StartsWith(folder.path("missing.toml:1:1: ")) && Contains("-c"));
  CHECK_THAT(refusal(folder.path()), Contains("not a regular file"));
  CHECK_THAT(refusal("/dev/zero"), Contains("not a regular file"));
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK_THAT(refusal(folder.path("pipe")), Contains("not a regular file"));
}

TEST_CASE("an empty file is a mistake, a file of comments is not (BI-CFG-01)") {
  tests::TemporaryFolder folder;
  CHECK_THAT(refusal(folder.file("a", "")), Contains("empty"));
  CHECK_THAT(refusal(folder.file("b", " \r\n\t\n")), Contains("empty"));
  CHECK(refusal(folder.file("c", "# nothing\n")) == "accepted");
}

TEST_CASE("the size is capped (BI-CFG-01)") {
  tests::TemporaryFolder folder;
  const auto of_size = [&](std::size_t size) {
    return refusal(folder.file("f", "#" + std::string(size - 1, 'x')));
  };
  CHECK(of_size(server::config_file_max - 1) == "accepted");
  CHECK(of_size(server::config_file_max) == "accepted");
  CHECK_THAT(of_size(server::config_file_max + 1), Contains("1 MiB"));
}

TEST_CASE("a NUL is refused where it stands (BI-CFG-01)") {
  tests::TemporaryFolder folder;
  const std::string text("domain = \"a\"\nx\0y", 15);
  CHECK_THAT(refusal(folder.file("f", text)), StartsWith(folder.path("f:2:2: ")));
}

TEST_CASE("the data directory of the command line wins") {
  tests::TemporaryFolder folder;
  const auto file = folder.file("f", "data_dir = \"/from/file\"\n");
  CHECK(server::read_config(file, "")->data_dir == "/from/file");
  CHECK(server::read_config(file, "/from/option")->data_dir == "/from/option");
  CHECK(server::read_config("", "")->data_dir == "./hansard-data");
}

}  // namespace
