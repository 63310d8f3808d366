// SPDX-License-Identifier: Apache-2.0
// What is to go: the rooms and the people who hold more than is kept, page by page in order of id
// or name. Rooms are not loaded. For retention.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "db/content.h"
#include "db/keep/trim.h"
#include "db/sql/sql.h"

namespace db {

struct Overdue {
  Trim::Of of;
  std::string name;  // the room's JID, or the localpart
  std::int64_t up_to = 0, before_us = 0;
  bool living = true;  // false: a destroyed room, whose JID may be another's by now
};

template <class Key>
struct OverduePage {
  std::vector<Overdue> found;
  Key after{};        // where the next page begins
  bool more = false;  // whether there is one
};

// Within a snapshot. Throw DatabaseError.
OverduePage<std::int64_t> overdue_rooms(Session& session, const KeepRules& rules, base::Time now,
                                        std::int64_t after);
// Rooms that were destroyed after one time and up to another and still have history, all of which
// nobody can read any more.
OverduePage<std::int64_t> overdue_destroyed(Session& session, base::Time after, base::Time up_to,
                                            std::int64_t behind);
// `settled`: an archive to which nothing has come since that position does not hold too many.
OverduePage<std::string> overdue_people(Session& session, const KeepRules& rules, base::Time now,
                                        const std::string& after, std::int64_t settled);
// The last number of a room's history that is older than `before`, 0 if nothing is.
std::int64_t last_before(Session& session, std::int64_t room_id, base::Time before);
// The position of what was committed last: all numbers in people's archives are up to it.
std::int64_t last_position(Session& session);

}  // namespace db
