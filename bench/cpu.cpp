// SPDX-License-Identifier: Apache-2.0
#include "bench/cpu.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <limits>

#include "bench/failed.h"

namespace bench {
namespace {

double read_clock(clockid_t clock) {
  timespec t{};
  if (clock_gettime(clock, &t) != 0) fail_errno("cannot read a process's CPU clock");
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

}  // namespace

[[noreturn]] void fail_errno(const std::string& what) {
  throw Failed(fmt::format("{}: {}", what, std::strerror(errno)));
}

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

ProcessMeter::ProcessMeter(pid_t pid) : pid_(pid) {
  if (pid == 0) return;
  if (const int error = clock_getcpuclockid(pid, &clock_); error != 0) {
    errno = error;
    fail_errno(fmt::format("no CPU clock of process {}", pid));
  }
}

double ProcessMeter::cpu_seconds() const {
  return known() ? read_clock(clock_) : std::numeric_limits<double>::quiet_NaN();
}

Memory ProcessMeter::memory() const {
  constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
  if (!known()) return {.resident = nan, .peak = nan};
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  if (!status) throw Failed(fmt::format("process {} is gone", pid_));
  Memory memory;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) memory.resident = std::stod(line.substr(6)) * 1024;
    if (line.starts_with("VmHWM:")) memory.peak = std::stod(line.substr(6)) * 1024;
  }
  return memory;
}

void ProcessMeter::reset_peak() const {
  if (!known()) return;
  std::ofstream file(fmt::format("/proc/{}/clear_refs", pid_));
  file << "5" << std::flush;
  if (!file) fail_errno(fmt::format("cannot reset the memory peak of process {}", pid_));
}

double own_cpu_seconds() { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

std::string describe_machine() {
  utsname name{};
  uname(&name);
  return fmt::format("{} × {}, {} {}", sysconf(_SC_NPROCESSORS_ONLN), cpu_model(), name.sysname,
                     name.release);
}

}  // namespace bench
