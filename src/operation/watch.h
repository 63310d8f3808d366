// SPDX-License-Identifier: Apache-2.0
// Watch: looks every few seconds, on a worker, at what fills up or runs out: volumes, the outbox,
// the certificate. It says so in the log once when it begins and once when it is over, and keeps
// what it saw for the pages.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "net/loop/loop.h"
#include "net/loop/workers.h"
#include "src/operation/machine.h"
#include "src/operation/shortage.h"

namespace server {

struct WatchConfig {
  struct Volume {
    std::string of, path;  // "content", "/var/lib/hansard"
  };
  std::vector<Volume> volumes;
  std::uint64_t outbox_limit = 0;  // rows; 0: there is no archive

  base::Micros period = base::seconds(5);
  double disk_low = 0.10;  // of the volume's size
  // Nearly full: less than this share, and less than these bytes.
  double disk_full = 0.05;
  std::uint64_t disk_full_bytes = std::uint64_t{1} << 30;
  double outbox_left = 0.20;  // of the limit
  base::Micros certificate_left = 14 * 24 * base::minutes(60);
};

struct WatchReading {
  struct Volume {
    std::string of, path;
    DiskSpace space;
    Severity severity = Severity::none;
  };
  std::vector<Volume> volumes;  // those of which something is known
  Severity outbox = Severity::none;
  std::uint64_t open_descriptors = 0;
  Severity certificate = Severity::none;
  base::Time certificate_until;  // 0: none yet
};

class Watch {
 public:
  struct Parts {
    net::Loop& loop;
    net::Workers& workers;
    const base::Clock& clock;
    base::Log& log;
    std::function<std::uint64_t()> outbox_rows;
    std::function<std::optional<DiskSpace>(const std::string&)> disk = disk_space;
  };
  // All of `parts` must outlive it; the workers end before it.
  Watch(WatchConfig config, Parts parts);

  void start();  // these two on the loop's thread
  void stop();
  void look();  // what is done each time; any thread, one at a time

  // Any thread.
  void set_certificate(base::Time until);
  WatchReading reading() const;

 private:
  struct Disk {
    WatchConfig::Volume named;
    Shortage shortage = {};
  };
  void look_at_disks(WatchReading& reading);
  Severity judge(Disk& disk, const DiskSpace& space, const std::string& of);
  void look_at_outbox(WatchReading& reading);
  void look_at_certificate(WatchReading& reading);

  WatchConfig config_;
  Parts parts_;
  net::Timer timer_;
  std::atomic<bool> looking_{false};
  std::vector<Disk> disks_;
  Shortage outbox_, certificate_;
  mutable std::mutex mutex_;
  WatchReading reading_;
  base::Time certificate_until_;
};

}  // namespace server
