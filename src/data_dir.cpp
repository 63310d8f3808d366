// SPDX-License-Identifier: Apache-2.0
#include "src/data_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace server {

namespace fs = std::filesystem;

bool data_dir_exists(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

base::Result<void, std::string> ensure_data_dir(const std::string& path) {
  std::error_code error;
  if (!data_dir_exists(path)) {
    const auto parent = fs::absolute(path, error).parent_path();
    fs::create_directories(parent, error);
    if (!error && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
      error.assign(errno, std::generic_category());
  }
  if (!error && !data_dir_exists(path)) error = std::make_error_code(std::errc::not_a_directory);
  if (!error && ::access(path.c_str(), W_OK | X_OK) != 0)
    error.assign(errno, std::generic_category());
  if (error)
    return base::fail("the data directory " + path + " cannot be used (" + error.message() +
                      "); name another with -d, or run as its owner");
  return {};
}

}  // namespace server
