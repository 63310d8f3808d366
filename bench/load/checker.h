// SPDX-License-Identifier: Apache-2.0
// Checker: were all messages delivered exactly once, and in one order to all? Each body names its
// room, its sender and its number in the room (counted by the generator as it sends); every
// receiver's sequence is kept and compared at the end.
//
// What is proved: no loss, no doubling, nothing that was not sent, each sender's messages in the
// order of sending, all receivers of a room in the same order. All receivers must be in the room
// from the first message to the last. Whoever comes and goes meanwhile makes visits: of each, that
// its messages are a run of the room's without a gap, a repetition or another order, and that the
// run has at least what the visit was owed: in the room's order, from the first message that was
// sent when the visitor had seen itself inside to the last that a stayer had when it asked to
// leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct Label {
  std::uint32_t room = 0;
  std::uint32_t sender = 0;  // number of the client
  std::uint32_t number = 0;  // of the message in its room, from 0
  friend bool operator==(const Label&, const Label&) = default;
};

// A body of exactly `bytes` (at least 40) that carries the label, and the label back from it;
// nullopt if it is not one of ours or was changed in any byte.
std::string make_body(const Label& label, std::size_t bytes);
std::optional<Label> read_body(std::string_view body);

struct Verdict {
  std::size_t sent = 0, received = 0;
  std::size_t lost = 0;       // not seen by a receiver
  std::size_t doubled = 0;    // seen again by the same receiver
  std::size_t alien = 0;      // unreadable, never sent, or under another sender's name or room
  std::size_t reordered = 0;  // against the sender's order or another receiver's
  std::size_t refused = 0;    // answered with an error
  std::size_t owed = 0;       // to visits: what had to come; not a fault
  std::string first_fault;    // one sentence, empty if there is none
  bool clean() const { return lost + doubled + alien + reordered + refused == 0; }
  Verdict& operator+=(const Verdict& other);
};

class Checker {
 public:
  explicit Checker(const std::vector<std::size_t>& receivers_by_room);

  Label send(std::uint32_t room, std::uint32_t sender);  // the next message's label
  // `from_room`, `from_sender`: what the stanza's own address says.
  void receive(std::uint32_t room, std::size_t receiver, const std::optional<Label>& label,
               std::uint32_t from_sender);
  void refuse() { ++refused_; }

  std::size_t begin_visit(std::uint32_t room);  // the visit's number; before it asks to enter
  void visit_entered(std::size_t visit);        // it has seen itself inside
  void visit_leaves(std::size_t visit);         // about to ask to leave
  void receive_in_visit(std::size_t visit, const std::optional<Label>& label,
                        std::uint32_t from_sender);

  Verdict verdict() const;

 private:
  struct Room {
    std::vector<std::uint32_t> senders;                 // by number
    std::vector<std::vector<std::uint32_t>> sequences;  // by receiver: numbers as they came
  };
  struct Visit {
    std::uint32_t room = 0;
    std::vector<std::uint32_t> sequence = {};
    // Numbers in the room: the first that is owed, if it was sent; the last one, if there is any.
    std::optional<std::uint32_t> owed_from = {}, owed_to = {};
  };
  struct Range {
    std::size_t first = 0, last = 0;
  };
  static std::optional<Range> owed(const Visit& visit, const std::vector<std::size_t>& rank);
  bool was_sent(std::uint32_t room, const std::optional<Label>& label,
                std::uint32_t from_sender) const;
  void check_room(std::size_t index, Verdict& verdict) const;
  void check_visit(const Visit& visit, std::size_t index, const std::vector<std::size_t>& rank,
                   Verdict& verdict) const;

  std::vector<Room> rooms_;
  std::vector<Visit> visits_;
  std::size_t alien_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace bench
