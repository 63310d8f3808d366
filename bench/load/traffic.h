// SPDX-License-Identifier: Apache-2.0
// Traffic: sends group messages through a fleet's rooms and takes account of every delivery. A
// message is in flight until every occupant of its room has it.
#pragma once

#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/load/checker.h"
#include "bench/load/fleet.h"

namespace bench {

class Traffic {
 public:
  // Takes over fleet.on_message. Each client is in one room at most; all are in already.
  Traffic(Fleet& fleet, const Fleet::Rooms& rooms, std::size_t body_bytes);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  // Whoever is in no room at the beginning may come and go: from begin_visit(), before it asks to
  // enter, to end_visit(), when it is out, its messages are checked as a visit. In between it sees
  // itself inside, and is about to ask to leave.
  void begin_visit(std::size_t client, std::uint32_t room);
  void visitor_entered(std::size_t client) { checker_.visit_entered(visits_.at(client).second); }
  void visitor_leaves(std::size_t client) { checker_.visit_leaves(visits_.at(client).second); }
  void end_visit(std::size_t client) { visits_.erase(client); }
  // Called whenever messages are sent or looked for; returns when it wants to be called again.
  std::function<Clock::time_point()> meanwhile;
  Clock::duration patience = std::chrono::seconds(30);

  // Senders take turns over all rooms. Both return when all is delivered, or when it is clear that
  // it will not be (no delivery for as long as `patience`): the verdict then says what is missing.
  void closed_loop(std::size_t messages, std::size_t window);
  void at_rate(std::size_t messages, double per_second);
  // Waits a moment for what should not come (doublings), then judges.
  Verdict verdict();

  struct Totals {
    std::size_t messages = 0, deliveries = 0;
    double bytes = 0;  // of the delivered stanzas
  };
  const Totals& totals() const { return totals_; }
  // Reflection: from sending to one's own copy, milliseconds. Of all messages since the last call.
  std::vector<double> take_latencies();

 private:
  struct Seat {
    std::uint32_t room = 0;
    std::size_t receiver = 0;  // number within the room
    bool taken = false;
  };
  struct Flight {
    std::size_t missing = 0;  // receivers that have it not yet
    Clock::time_point sent;
  };
  void send_next();
  void flush();
  void run(const std::function<void()>& pump, const std::function<bool()>& all_sent,
           const std::function<Clock::time_point()>& wake);
  void on_message(Client& client, const Stanza& stanza);
  void on_message_in_visit(std::size_t client, const Stanza& stanza);
  void on_delivery(std::size_t client, const Seat& seat, const Label& label);

  Fleet& fleet_;
  std::size_t body_bytes_;
  std::vector<Seat> seats_;                                                        // by client
  std::unordered_map<std::size_t, std::pair<std::uint32_t, std::size_t>> visits_;  // room, number
  std::vector<std::size_t> occupants_;                                             // by room
  std::vector<std::size_t> senders_;                                               // in turn
  std::size_t turn_ = 0;
  std::vector<std::vector<Flight>> flights_;  // by room and number
  std::vector<Client*> unflushed_;
  Checker checker_;
  std::size_t in_flight_ = 0;
  Clock::time_point last_delivery_;
  Totals totals_;
  std::vector<double> latencies_;
};

}  // namespace bench
