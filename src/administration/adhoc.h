// SPDX-License-Identifier: Apache-2.0
// AdHoc: the administrative commands as XEP-0050 ad-hoc commands of the server's domain, for
// administrators; nobody else sees which there are. Forms follow from the declarations
// (admin/forms.h); the commands run on the CommandRunner.
#pragma once

#include <memory>

#include "base/random.h"
#include "base/time.h"
#include "bridge/router.h"
#include "net/loop/shards.h"
#include "src/administration/administrators.h"
#include "src/control/command_runner.h"

namespace server {

class AdHoc {
 public:
  // Of a command that waits for its form. Beyond these the oldest of the same person ends.
  static constexpr std::size_t sessions_max = 1000, sessions_of_one_max = 10;
  static constexpr base::Micros session_time = base::minutes(10);

  struct Parts {
    net::Shards& shards;
    bridge::Router& router;
    CommandRunner& runner;
    const Administrators& administrators;
    const base::Clock& clock;
    base::Random& random;
    std::string domain;
  };
  // Before the shards start. All must outlive it, and it the shards.
  explicit AdHoc(const Parts& parts);
  ~AdHoc();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
