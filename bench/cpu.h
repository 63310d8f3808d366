// SPDX-License-Identifier: Apache-2.0
// What another process has used: CPU time (all its threads, dead ones too, user and system, to the
// nanosecond) and resident memory. For processes of the same user.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace bench {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point from, Clock::time_point to);

struct Memory {
  double resident = 0;  // bytes: VmRSS
  double peak = 0;      // bytes: VmHWM since reset_peak()
};

// Of process 0, which stands for "not told which", every figure is NaN: reports leave those out.
class ProcessMeter {
 public:
  explicit ProcessMeter(pid_t pid);
  bool known() const { return pid_ != 0; }
  double cpu_seconds() const;
  Memory memory() const;
  void reset_peak() const;  // VmHWM starts again from VmRSS

 private:
  pid_t pid_;
  clockid_t clock_ = 0;
};

double own_cpu_seconds();

// What a command took.
struct Spent {
  double wall = 0, cpu = 0;  // seconds
};

// "2 × AMD EPYC, Linux 6.1": the machine, for the report.
std::string describe_machine();

}  // namespace bench
