// SPDX-License-Identifier: Apache-2.0
// ByRate: refusals come as fast as somebody likes and must not flood the record. Of one kind (a
// key) the first few in a minute are events of their own; the rest of that minute becomes one
// event with a count. A minute begins with the first. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "record/event.h"

namespace record {

class ByRate {
 public:
  static constexpr std::size_t each = 20;  // in a minute are events of their own
  // Of kinds that have a group in common, within which somebody may make up kinds at will.
  static constexpr std::size_t each_of_group = 100;
  static constexpr base::Micros period = base::minutes(1);
  // Kinds at a time, and groups. All that are too many count as one, of which nothing is said but
  // how many.
  static constexpr std::size_t kinds_max = 10'000;

  // What goes on record now: `event`, what an earlier minute has left, both or nothing. An event of
  // a kind that is counted: message.rejected, join.refused, auth.refused. Beyond `each_of_group`
  // the rest of the minute of a `group` ("": it is of none) becomes one event that does not say
  // who.
  std::vector<Event> add(std::string key, Event event, base::Time now, std::string group = {});
  // What is left of the minutes that are over.
  std::vector<Event> due(base::Time now);
  std::vector<Event> all();  // and of the others

 private:
  struct Kind {
    base::Time began;
    std::size_t own = 0;
    std::vector<Event> counted = {};  // none, or one for all
  };
  static bool over(const Kind& kind, base::Time now) {
    return now < kind.began || now - kind.began >= period;
  }
  // The one by this key, which may begin anew; what that leaves goes to `out`.
  static Kind& in(std::unordered_map<std::string, Kind>& kinds, std::string key, base::Time now,
                  std::vector<Event>& out);

  std::unordered_map<std::string, Kind> kinds_, groups_;
};

}  // namespace record
