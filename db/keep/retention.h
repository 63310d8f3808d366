// SPDX-License-Identifier: Apache-2.0
// Retention: what a room keeps of its history and a person of their archive, by age and by number.
// A thread walks the rooms, in memory or not, and then the people, page by page on a connection
// that reads (overdue.h), and has the writer trim those that hold more than they keep. What is left
// of a room's history goes a month after its end. While neither the server nor any room has a rule
// it asks for that and one index once a round and is done.
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
#include "db/keep/overdue.h"
#include "db/keep/trim.h"
#include "db/stores/readers.h"

namespace db {

class Retention {
 public:
  // All must outlive it. `trim` hands one to the writer; `trimmed` hears of each room of which
  // something went; of people nothing is in memory.
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
  void run();
  bool begin();
  // These are false when the round is to end before its time.
  bool round();
  bool destroyed_rooms();
  template <class Key, class Read>
  bool all_pages(const Read& read);
  bool carry_out(const Overdue& overdue);
  bool pause(base::Micros length);

  const Parts parts_;
  const KeepPace pace_;
  std::mutex mutex_;
  std::condition_variable changed_;
  KeepRules rules_;
  bool stopping_ = false, fresh_ = false;
  // The thread's own.
  KeepRules current_;
  std::int64_t settled_ = 0;  // as overdue_people() has it
  base::Time emptied_{};      // rooms destroyed up to then have no history
  bool whole_ = true;         // in this round nothing has failed
  std::thread thread_;
};

}  // namespace db
