// SPDX-License-Identifier: Apache-2.0
// Target: where a database is, out of its URL. For db/'s own files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace db {

enum class Dialect { sqlite, postgres };

struct Target {
  Dialect dialect = Dialect::sqlite;
  // A path, or what libpq connects with; the latter may hold a password and is never shown.
  std::string where;
  std::string name;  // for messages: the path, or hosts and database without user and password
  std::vector<std::string> places;  // where it is, or may be, alike for URLs that mean the same
};

// `url` as in hansard.toml: "sqlite:FILE", a relative one under `data_dir`, or
// "postgresql://user@host:port/name?options" as libpq reads it, several hosts allowed. The error is
// one sentence for the operator.
base::Result<Target, std::string> parse_target(const std::string& url, const std::string& data_dir);

// Whether two of them mean one database, as far as their words say.
bool mean_one(const Target& a, const Target& b);

}  // namespace db
