// SPDX-License-Identifier: Apache-2.0
// Ring: the newest messages of a room, kept in memory, ready to send to one who enters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/payload.h"
#include "base/time.h"
#include "xmpp/element.h"

namespace muc {

// One message as it is replayed.
struct Remembered {
  std::int64_t number = 0;
  base::Time at;
  base::Payload payload;  // with its delay
};

// The newest messages of a room, oldest first: so many, and of those no more than up to the one
// that exceeds so many bytes.
class Ring {
 public:
  Ring(std::size_t capacity, std::size_t bytes_max) : capacity_(capacity), bytes_max_(bytes_max) {}
  void push(Remembered message);
  // Those with numbers up to `up_to` that are older than `before` are gone from the store.
  void forget(std::int64_t up_to, base::Time before);
  // One that was taken back: what stands in its place (xmpp/retraction.h), unless it is not
  // `occupant_id`'s (XEP-0421; "": anybody's).
  enum class Found { not_here, taken_back, gone_already };
  Found take_back(std::int64_t number, const xmpp::Element& retracted,
                  std::string_view occupant_id);
  // The messages here that have this id, which their clients chose, oldest first.
  struct Named {
    std::int64_t number;
    std::string occupant_id;  // XEP-0421
  };
  std::vector<Named> named(std::string_view id) const;
  // Whether there is nothing older anywhere.
  bool complete() const { return complete_; }
  void set_complete(bool complete) { complete_ = complete; }
  const std::vector<Remembered>& items() const { return items_; }

 private:
  std::size_t capacity_, bytes_max_, bytes_ = 0;
  std::vector<Remembered> items_;  // few, and often none: a deque would cost what a dozen hold
  bool complete_ = true;
};

}  // namespace muc
