// SPDX-License-Identifier: Apache-2.0
// Retention: what a room keeps of its history, by age and by number. A thread walks the rooms in
// order of id, page by page on a connection that reads, in memory or not, and has the writer trim
// those that hold more than they keep. Rooms are not loaded. While neither the server nor any room
// has a rule it asks one index once a round and is done.
//
// start() · set_rules()… · stop().
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/log.h"
#include "base/time.h"
#include "db/content.h"
#include "db/keep/trim.h"
#include "db/stores/readers.h"

namespace db {

class Retention {
 public:
  // All must outlive it. `trim` hands one to the writer; `trimmed` hears of each room of which
  // something went.
  struct Parts {
    Readers& readers;
    std::function<void(std::shared_ptr<Trim>)> trim;
    Trimmed trimmed;
    const base::Clock& clock;
    base::Log& log;
  };
  Retention(Parts parts, const KeepRules& rules, const KeepPace& pace);
  ~Retention() { stop(); }

  void start();
  void set_rules(const KeepRules& rules);  // any thread; a round begins
  void stop();                             // any thread

 private:
  struct Candidate;
  void run();
  bool round();
  bool page(const KeepRules& rules, std::int64_t& after, bool& more);
  bool trim_room(const KeepRules& rules, const Candidate& room);
  bool carry_out(const Candidate& room, std::int64_t up_to, std::int64_t before_us);
  bool pause(base::Micros length);  // false: stop

  const Parts parts_;
  const KeepPace pace_;
  std::mutex mutex_;
  std::condition_variable changed_;
  KeepRules rules_;
  bool stopping_ = false, fresh_ = false;
  std::thread thread_;
};

}  // namespace db
