// SPDX-License-Identifier: Apache-2.0
#include "db/sql/url.h"

#include <filesystem>

namespace db {

base::Result<std::string, std::string> sqlite_path(const std::string& url,
                                                   const std::string& data_dir) {
  const std::string scheme = "sqlite:";
  if (url.starts_with("postgresql:") || url.starts_with("postgres:"))
    return base::fail(
        "this build of Hansard stores in SQLite only for now: write the database as \"" + scheme +
        "FILE\" instead of a postgresql URL");
  if (!url.starts_with(scheme) || url.size() == scheme.size())
    return base::fail("\"" + url + "\" is not the URL of a database: write \"" + scheme + "FILE\"");
  std::string path = (std::filesystem::path(data_dir) / url.substr(scheme.size())).string();
  // SOCI reads quoted words; a quote in a path would end one.
  if (path.find('"') != std::string::npos)
    return base::fail("the database cannot be at " + path +
                      ": its path must not contain a quotation mark");
  return path;
}

}  // namespace db
