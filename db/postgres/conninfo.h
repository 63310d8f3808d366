// SPDX-License-Identifier: Apache-2.0
// What libpq connects with, out of the URL that the operator wrote (PostgreSQL 15, §34.1.1). For
// db/'s own files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace db::postgres {

struct Conninfo {
  std::string conninfo;  // keywords and values; may hold a password
  std::string name;      // "host:port,host:port/name"
  // Where the database may be, one for each host, alike for URLs that mean the same.
  std::vector<std::string> places;
};

// Adds what the URL leaves open: time-outs, so that a dead host is noticed (two seconds for each
// host, the least that libpq takes); UTF-8; and with several hosts that the one wanted is the one
// that can be written. Refuses what we could not work with. The error never shows the URL, which
// may hold a password.
base::Result<Conninfo, std::string> read_url(const std::string& url);

}  // namespace db::postgres
