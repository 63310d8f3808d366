// SPDX-License-Identifier: Apache-2.0
// Trimmer: gives memory back to the system when many have gone. glibc keeps what was freed between
// pieces that are still in use; after a full house that is most of what the house needed.
#pragma once

#include <cstddef>
#include <functional>

#include "net/loop/loop.h"
#include "net/loop/workers.h"

namespace server {

// When it is worth it: half of those at the fullest moment since the last time are gone.
class TrimRule {
 public:
  static constexpr std::size_t few = 200;  // fewer going are not worth it

  bool worth_it(std::size_t people);  // sessions and occupants now

 private:
  std::size_t fullest_ = 0;
};

class Trimmer {
 public:
  // `people` any thread: gives the number to its argument on some thread, soon. All must outlive
  // this. Lives on `loop`'s thread after start(), which is called on it.
  using Count = std::function<void(std::function<void(std::size_t)>)>;
  Trimmer(net::Loop& loop, net::Workers& workers, Count people);
  void start();
  void stop();

 private:
  void counted(std::size_t people);

  net::Loop& loop_;
  net::Workers& workers_;
  Count people_;
  net::Timer timer_;
  TrimRule rule_;
};

}  // namespace server
