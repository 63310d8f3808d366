// SPDX-License-Identifier: Apache-2.0
// BareLoop: the least that a broadcast can cost on this machine: one write() of the same bytes to
// each of N loopback TCP sockets, read by another process. Figures are ratios to it, so that they
// mean the same on a slow machine.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

namespace bench {

class BareLoop {
 public:
  // Forks the reader; call it while the process has one thread.
  BareLoop(std::size_t sockets, std::size_t bytes);
  ~BareLoop();
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  // Each round writes once to every socket, then waits (not counted) until all was read, as a
  // closed loop with a window of one does. Returns CPU seconds for one write(), user and system.
  double run(std::size_t rounds);

 private:
  std::size_t bytes_;
  std::vector<int> sockets_;
  int done_ = -1;  // the reader says here that a round was read
  pid_t reader_ = -1;
};

}  // namespace bench
