// SPDX-License-Identifier: Apache-2.0
#include "src/operation/machine.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

namespace server {

std::optional<DiskSpace> disk_space(const std::string& path) {
  struct statvfs space {};
  struct stat file {};
  if (::statvfs(path.c_str(), &space) != 0 || ::stat(path.c_str(), &file) != 0) return std::nullopt;
  return DiskSpace{std::uint64_t{space.f_bavail} * space.f_frsize,
                   std::uint64_t{space.f_blocks} * space.f_frsize, file.st_dev};
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  if (!(file >> all >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

base::Micros cpu_time() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto micros = [](const timeval& t) { return base::seconds(t.tv_sec) + t.tv_usec; };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

std::uint64_t descriptors_max() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

// The time since boot at which it started, proc(5), against the time since boot now.
base::Time process_start(const base::Clock& clock) {
  std::ifstream file("/proc/self/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text.erase(0, std::min(text.rfind(')'), text.size()));
  std::istringstream fields(text);
  std::string skipped;
  for (int i = 2; i < 22; ++i) fields >> skipped;
  std::int64_t ticks = 0;
  timespec now{};
  if (!(fields >> ticks) || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return clock.wall();
  const base::Micros up = base::seconds(now.tv_sec) + now.tv_nsec / 1000;
  return clock.wall() - (up - base::seconds(ticks) / ::sysconf(_SC_CLK_TCK));
}

std::uint64_t open_descriptors() {
  std::error_code error;
  std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return 0;
  std::uint64_t count = 0;
  for (const std::filesystem::directory_iterator end; files != end; files.increment(error)) {
    if (error) return count;
    ++count;
  }
  return count - std::min<std::uint64_t>(count, 1);  // the folder itself was open
}

}  // namespace server
