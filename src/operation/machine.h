// SPDX-License-Identifier: Apache-2.0
// What the machine says of this process and of its volumes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace server {

struct DiskSpace {
  std::uint64_t free_bytes = 0;  // for this process, not for root alone
  std::uint64_t size_bytes = 0;
  std::uint64_t device = 0;  // the same for two paths on one volume
};
// May block (network file systems). Nullopt: it cannot be found out.
std::optional<DiskSpace> disk_space(const std::string& path);

// Quick, never block. 0 where the machine does not say.
std::uint64_t resident_bytes();
base::Micros cpu_time();  // of all threads, user and system
std::uint64_t descriptors_max();
base::Time process_start(const base::Clock& clock);  // wall clock

std::uint64_t open_descriptors();  // takes longer the more there are

}  // namespace server
