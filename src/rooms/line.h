// SPDX-License-Identifier: Apache-2.0
// Line: the effects of one room that wait for its records, in order, and what they weigh.
//
//   submitted ≥ durable;  an effect with ticket t is due when durable ≥ t
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "muc/effect.h"
#include "record/event.h"
#include "xmpp/element.h"

namespace server {

// Beyond these, what more would wait for a record is refused.
struct BacklogLimits {
  std::size_t effects = 20'000;                    // in one room
  std::size_t bytes = std::size_t{64} << 20;       // in one room
  std::size_t all_bytes = std::size_t{256} << 20;  // in all rooms of a shard
};

class Line {
 public:
  // `all_bytes` sums over all lines of a keeper and must outlive this.
  explicit Line(std::size_t& all_bytes) : all_bytes_(all_bytes) {}
  ~Line() { clear(); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Behind what is already submitted, or behind that and the next submission.
  enum class Behind { submitted, next };
  void push(muc::Effect effect, Behind behind);
  // The events' ticket. Notes whose messages they are, should their record be refused.
  std::uint64_t submit(const xmpp::Jid& room, const std::vector<record::Event>& events);

  void settle(std::uint64_t ticket);
  bool all_settled() const { return durable_ == submitted_; }
  bool due() const { return !waiting_.empty() && waiting_.front().ticket <= durable_; }
  muc::Effect pop();
  bool empty() const { return waiting_.empty(); }
  bool full(const BacklogLimits& limits) const {
    return effects_ >= limits.effects || bytes_ >= limits.bytes;
  }

  // Forgets what waits, since it must not be said. What somebody was owed instead, each with `to`:
  // errors for answers to IQs and for messages that were not recorded, ends of stays.
  std::vector<xmpp::Element> drop();

  bool failing = false;  // a record was refused; until all that are under way are settled

 private:
  struct Waiting {
    std::uint64_t ticket;
    std::size_t bytes;
    muc::Effect effect;
  };
  struct Message {  // under way to the record
    std::uint64_t ticket;
    xmpp::Jid sender, to;
    std::string id;
    bool is_private;
  };
  void clear();

  std::uint64_t submitted_ = 0, durable_ = 0;
  std::deque<Waiting> waiting_;
  std::deque<Message> messages_;
  std::size_t effects_ = 0;  // of those that wait; a receipt alone is none
  std::size_t bytes_ = 0;
  std::size_t& all_bytes_;
};

// What an effect keeps in memory by waiting; what others hold as well is not counted.
std::size_t weight(const muc::Effect& effect);

}  // namespace server
