// SPDX-License-Identifier: Apache-2.0
// DamagingProxy: stands between the generator and a server on loopback and does to one connection
// what no server may: to the checks it must look like a server that loses, doubles or reorders. A
// process of its own, so that nothing but bytes on a socket comes from it.
#pragma once

#include <sys/types.h>

#include "bench/load/socket.h"

namespace bench {

enum class Damage { none, drop, double_it, swap };

struct Plan {
  Damage damage = Damage::none;
  std::size_t connection = 2;  // which one, in the order in which they came, from 0
  std::size_t message = 20;    // which of its group messages with a body, from 0
};

class DamagingProxy {
 public:
  DamagingProxy(const Endpoint& server, const Plan& plan);  // listens when it returns
  ~DamagingProxy();                                         // ends the process
  DamagingProxy(const DamagingProxy&) = delete;
  DamagingProxy& operator=(const DamagingProxy&) = delete;

  const Endpoint& endpoint() const { return endpoint_; }  // where clients connect, plain

 private:
  Endpoint endpoint_;
  pid_t pid_ = -1;
};

}  // namespace bench
