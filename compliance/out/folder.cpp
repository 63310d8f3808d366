// SPDX-License-Identifier: Apache-2.0
#include "compliance/out/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace compliance {
namespace {

namespace fs = std::filesystem;

std::string because(const std::string& what, int error) {
  return what + ": " + std::generic_category().message(error);
}

bool sync(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::fsync(fd) == 0;
  ::close(fd);
  return done;
}

}  // namespace

base::Result<NewFolder, std::string> NewFolder::begin(const std::string& path) {
  std::string name = path;
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  std::error_code error;
  if (fs::exists(name, error) && !(fs::is_directory(name, error) && fs::is_empty(name, error)))
    return base::fail(name + " is there already, and not an empty folder: name another");
  std::string partial = name + ".XXXXXX";
  if (::mkdtemp(partial.data()) == nullptr)
    return base::fail(because(name + " cannot be made", errno));
  return NewFolder(name, partial);
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!partial_.empty()) fs::remove_all(partial_, ignored);
}

base::Result<void, std::string> NewFolder::make_folder(const std::string& name) const {
  if (::mkdir(path_of(name).c_str(), 0700) != 0)
    return base::fail(because(path_of(name) + " cannot be made", errno));
  return {};
}

base::Result<NewFolder::File, std::string> NewFolder::open(const std::string& name) const {
  File file;
  file.name_ = path_of(name);
  const int fd = ::open(file.name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return base::fail(because(file.name_ + " cannot be written", errno));
  file.file_.reset(::fdopen(fd, "w"));
  return file;
}

base::Result<void, std::string> NewFolder::write(const std::string& name,
                                                 std::string_view text) const {
  auto file = open(name);
  if (!file) return base::fail(file.error());
  file->write(text);
  return file->close();
}

void NewFolder::File::write(std::string_view text) {
  if (failed_ || std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size()) return;
  failed_ = true;
  error_ = errno;
}

base::Result<void, std::string> NewFolder::File::close() {
  if (!failed_ && (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0)) {
    failed_ = true;
    error_ = errno;
  }
  file_.reset();
  if (failed_) return base::fail(because(name_ + " cannot be written", error_));
  return {};
}

base::Result<void, std::string> NewFolder::finish() {
  ::rmdir(path_.c_str());  // an empty one may be there
  if (!sync(partial_) || ::rename(partial_.c_str(), path_.c_str()) != 0)
    return base::fail(because(path_ + " cannot be made", errno));
  partial_.clear();
  sync(fs::path(path_).parent_path().empty() ? "." : fs::path(path_).parent_path().string());
  return {};
}

}  // namespace compliance
