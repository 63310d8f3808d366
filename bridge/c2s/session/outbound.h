// SPDX-License-Identifier: Apache-2.0
// Outbound: what was sent to a client under stream management (XEP-0198) and is not acknowledged,
// as references to shared payloads, and when it is asked to acknowledge. Pure.
//
// How much may wait. Only what the client has had a fair chance to acknowledge counts towards the
// limit (LIM-SMQ), for a room of a thousand says a thousand presences at once to one who enters:
//   connected  an acknowledgement is asked for when `ask_after` stanzas have gone since it was
//   asked
//              for last, and at the next quiet moment. As long as it comes within `patience` any
//              number may be on its way; later everything counts.
//   away       what was on its way when the connection broke is excused; what comes after counts.
// Never more than `burst_max` beyond the limit. Stanzas and bytes are limited alike; a payload that
// others hold too counts in full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/payload.h"
#include "base/time.h"

namespace bridge::c2s {

struct Amount {
  std::size_t stanzas = 0, bytes = 0;
};

class Outbound {
 public:
  static constexpr std::size_t ask_after = 16;
  static constexpr Amount burst_max{32768, std::size_t{16} << 20};

  struct Sent {
    base::Payload stanza;
    base::Time at;  // monotonic
  };

  explicit Outbound(std::uint64_t start = 0) : first_(start), asked_for_(start) {}

  void sent(base::Payload stanza, base::Time now) {
    bytes_ += stanza.size();
    waiting_.push_back({std::move(stanza), now});
  }

  enum class Ack { good, too_high, backwards };
  // `h` modulo 2³². What is not good changes nothing.
  Ack check(std::uint32_t h) const;
  Ack acknowledge(std::uint32_t h);
  std::uint32_t count() const { return static_cast<std::uint32_t>(end()); }  // sent, modulo 2³²

  std::size_t waiting() const { return waiting_.size() - gone_; }
  // Oldest first; sent() invalidates.
  const Sent* begin_waiting() const { return waiting_.data() + gone_; }
  const Sent* end_waiting() const { return waiting_.data() + waiting_.size(); }

  // ---- asking
  bool asked() const { return asked_; }  // and no answer yet
  bool to_be_asked() const { return !asked_ && end() - asked_for_ >= ask_after; }
  // At a quiet moment: nobody was asked, or what was answered was less than was asked for.
  bool to_be_asked_again() const { return waiting() > 0 && (!asked_ || fell_short_); }
  // While an earlier one is not answered in full that one's time goes on.
  void ask(base::Time now);
  bool overdue(base::Time now, base::Micros patience) const {
    return asked_ && now - asked_at_ > patience;
  }

  // ---- the connection
  void cut(base::Time now, base::Micros patience);  // it is gone
  void resumed();                                   // all that waits has been sent again

  bool full(const Amount& limit, base::Time now, base::Micros patience) const;

 private:
  std::uint64_t end() const { return first_ + waiting(); }

  std::vector<Sent> waiting_;
  std::size_t gone_ = 0;     // acknowledged entries at the front of waiting_
  std::size_t bytes_ = 0;    // of all that waits
  std::uint64_t first_;      // number of the oldest that waits
  std::uint64_t asked_for_;  // an answer covers all before this
  base::Time asked_at_{};
  Amount excused_;
  bool asked_ = false, fell_short_ = false, away_ = false;
};

}  // namespace bridge::c2s
