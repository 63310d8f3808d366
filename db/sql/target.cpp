// SPDX-License-Identifier: Apache-2.0
#include "db/sql/target.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "db/postgres/conninfo.h"

namespace db {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

base::Result<Target, std::string> sqlite_target(const std::string& url,
                                                const std::string& data_dir) {
  std::string path = (std::filesystem::path(data_dir) / url.substr(sqlite_scheme.size())).string();
  // SOCI reads quoted words; a quote in a path would end one.
  if (path.find('"') != std::string::npos)
    return base::fail("the database cannot be at " + path +
                      ": its path must not contain a quotation mark");
  // Links are followed as far as there is something.
  std::error_code failed;
  auto canonical = std::filesystem::weakly_canonical(std::filesystem::absolute(path), failed);
  if (failed) canonical = path;
  return Target{Dialect::sqlite, path, path, {canonical.string()}};
}

}  // namespace

base::Result<Target, std::string> parse_target(const std::string& url,
                                               const std::string& data_dir) {
  if (url.starts_with(sqlite_scheme) && url.size() > sqlite_scheme.size())
    return sqlite_target(url, data_dir);
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    // Not shown: what is mistyped may still hold a password.
    return base::fail(
        std::string("what stands as the URL of a database is none: write \"sqlite:FILE\" or"
                    " \"postgresql://user@host:port/name\""));
  auto read = postgres::read_url(url);
  if (!read) return base::fail(read.error());
  return Target{Dialect::postgres, std::move(read->conninfo), std::move(read->name),
                std::move(read->places)};
}

bool mean_one(const Target& a, const Target& b) {
  return a.dialect == b.dialect &&
         std::any_of(a.places.begin(), a.places.end(), [&](const std::string& place) {
           return std::find(b.places.begin(), b.places.end(), place) != b.places.end();
         });
}

}  // namespace db
