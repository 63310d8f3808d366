// SPDX-License-Identifier: Apache-2.0
#include "bench/load/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace bench {
namespace {

constexpr std::string_view mark = "hansard-bench ";

// One receiver's sequence against what was sent, alone.
struct Count {
  std::size_t lost = 0, doubled = 0, swapped = 0;
  std::vector<std::uint32_t> firsts;  // the sequence without repetitions
};

Count count(const std::vector<std::uint32_t>& sequence, const std::vector<std::uint32_t>& senders) {
  Count result;
  std::vector<bool> seen(senders.size());
  std::vector<std::int64_t> last_of_sender;
  for (const auto number : sequence) {
    if (seen[number]) {
      ++result.doubled;
      continue;
    }
    seen[number] = true;
    result.firsts.push_back(number);
    const auto sender = senders[number];
    if (last_of_sender.size() <= sender) last_of_sender.resize(sender + 1, -1);
    if (last_of_sender[sender] > number) ++result.swapped;
    last_of_sender[sender] = std::max<std::int64_t>(last_of_sender[sender], number);
  }
  result.lost = senders.size() - result.firsts.size();
  return result;
}

// How often a later message stands before an earlier one, by the reference's order.
std::size_t disagreements(const std::vector<std::uint32_t>& sequence,
                          const std::vector<std::size_t>& rank) {
  std::size_t found = 0;
  for (std::size_t i = 1; i < sequence.size(); ++i)
    if (rank[sequence[i - 1]] > rank[sequence[i]]) ++found;
  return found;
}

std::vector<std::size_t> ranks(const std::vector<std::uint32_t>& reference, std::size_t sent) {
  std::vector<std::size_t> rank(sent, sent);  // what the reference lacks comes last
  for (std::size_t i = 0; i < reference.size(); ++i) rank[reference[i]] = i;
  return rank;
}

}  // namespace

std::string make_body(const Label& label, std::size_t bytes) {
  auto body = fmt::format("{}{}/{}/{} ", mark, label.room, label.sender, label.number);
  body.resize(std::max(bytes, body.size()), '.');
  return body;
}

std::optional<Label> read_body(std::string_view body) {
  if (!body.starts_with(mark)) return std::nullopt;
  Label label;
  const char* at = body.data() + mark.size();
  const char* const end = body.data() + body.size();
  for (auto* field : {&label.room, &label.sender, &label.number}) {
    const auto [next, error] = std::from_chars(at, end, *field);
    if (error != std::errc{} || next == end) return std::nullopt;
    at = next + 1;
  }
  if (make_body(label, body.size()) != body) return std::nullopt;
  return label;
}

Verdict& Verdict::operator+=(const Verdict& other) {
  sent += other.sent;
  received += other.received;
  lost += other.lost;
  doubled += other.doubled;
  alien += other.alien;
  reordered += other.reordered;
  refused += other.refused;
  owed += other.owed;
  if (first_fault.empty()) first_fault = other.first_fault;
  return *this;
}

Checker::Checker(const std::vector<std::size_t>& receivers_by_room) {
  for (const auto receivers : receivers_by_room) rooms_.emplace_back().sequences.resize(receivers);
}

Label Checker::send(std::uint32_t room, std::uint32_t sender) {
  auto& senders = rooms_.at(room).senders;
  senders.push_back(sender);
  return {.room = room, .sender = sender, .number = static_cast<std::uint32_t>(senders.size() - 1)};
}

bool Checker::was_sent(std::uint32_t room, const std::optional<Label>& label,
                       std::uint32_t from_sender) const {
  const auto& senders = rooms_.at(room).senders;
  return label && label->room == room && label->sender == from_sender &&
         label->number < senders.size() && senders[label->number] == label->sender;
}

void Checker::receive(std::uint32_t room, std::size_t receiver, const std::optional<Label>& label,
                      std::uint32_t from_sender) {
  if (was_sent(room, label, from_sender))
    rooms_.at(room).sequences.at(receiver).push_back(label->number);
  else
    ++alien_;
}

std::size_t Checker::begin_visit(std::uint32_t room) {
  visits_.push_back({.room = room});
  return visits_.size() - 1;
}

void Checker::visit_entered(std::size_t visit) {
  // What was sent before may have been in the room before the visitor was.
  auto& there = visits_.at(visit);
  there.owed_from = static_cast<std::uint32_t>(rooms_.at(there.room).senders.size());
}

void Checker::visit_leaves(std::size_t visit) {
  // All have one order: who has the most has the latest.
  auto& there = visits_.at(visit);
  const auto& sequences = rooms_.at(there.room).sequences;
  const auto most =
      std::max_element(sequences.begin(), sequences.end(),
                       [](const auto& a, const auto& b) { return a.size() < b.size(); });
  if (most != sequences.end() && !most->empty()) there.owed_to = most->back();
}

void Checker::receive_in_visit(std::size_t visit, const std::optional<Label>& label,
                               std::uint32_t from_sender) {
  auto& there = visits_.at(visit);
  if (was_sent(there.room, label, from_sender))
    there.sequence.push_back(label->number);
  else
    ++alien_;
}

Verdict Checker::verdict() const {
  Verdict verdict;
  verdict.alien = alien_;
  verdict.refused = refused_;
  if (alien_ != 0) verdict.first_fault = fmt::format("{} deliveries of what was not sent", alien_);
  if (refused_ != 0) verdict.first_fault = fmt::format("{} messages refused", refused_);
  for (std::size_t i = 0; i < rooms_.size(); ++i) check_room(i, verdict);
  return verdict;
}

void Checker::check_room(std::size_t index, Verdict& verdict) const {
  const auto& room = rooms_[index];
  std::vector<Count> counts;
  for (const auto& sequence : room.sequences) counts.push_back(count(sequence, room.senders));
  const auto whole = std::find_if(counts.begin(), counts.end(), [](const Count& c) {
    return c.lost + c.doubled + c.swapped == 0;
  });
  const auto rank = counts.empty() ? std::vector<std::size_t>{}
                                   : ranks(whole != counts.end() ? whole->firsts : counts[0].firsts,
                                           room.senders.size());
  verdict.sent += room.senders.size();
  for (std::size_t receiver = 0; receiver < counts.size(); ++receiver) {
    const auto& c = counts[receiver];
    const auto reordered = std::max(c.swapped, disagreements(c.firsts, rank));
    verdict.received += room.sequences[receiver].size();
    verdict.lost += c.lost;
    verdict.doubled += c.doubled;
    verdict.reordered += reordered;
    if (verdict.first_fault.empty() && c.lost + c.doubled + reordered != 0)
      verdict.first_fault =
          fmt::format("room {}, receiver {}: {} lost, {} doubled, {} out of order", index, receiver,
                      c.lost, c.doubled, reordered);
  }
  for (std::size_t i = 0; i < visits_.size(); ++i)
    if (visits_[i].room == index) check_visit(visits_[i], i, rank, verdict);
}

// The ranks that a visit was owed, the last one included; nothing if it was owed nothing.
std::optional<Checker::Range> Checker::owed(const Visit& visit,
                                            const std::vector<std::size_t>& rank) {
  if (!visit.owed_from || !visit.owed_to || *visit.owed_from >= rank.size()) return std::nullopt;
  const auto first = *std::min_element(rank.begin() + *visit.owed_from, rank.end());
  const auto last = rank[*visit.owed_to];
  if (first > last || last == rank.size()) return std::nullopt;
  return Range{first, last};
}

void Checker::check_visit(const Visit& visit, std::size_t index,
                          const std::vector<std::size_t>& rank, Verdict& verdict) const {
  std::set<std::uint32_t> seen;
  std::set<std::size_t> had;  // ranks
  std::size_t doubled = 0, reordered = 0;
  for (const auto number : visit.sequence) {
    if (!seen.insert(number).second) {
      ++doubled;
      continue;
    }
    if (!had.empty() && rank[number] < *had.rbegin()) ++reordered;
    had.insert(rank[number]);
  }
  auto wanted = owed(visit, rank);
  if (wanted) verdict.owed += wanted->last - wanted->first + 1;
  if (!had.empty())
    wanted = Range{std::min(wanted ? wanted->first : *had.begin(), *had.begin()),
                   std::max(wanted ? wanted->last : *had.rbegin(), *had.rbegin())};
  const std::size_t lost = wanted ? wanted->last - wanted->first + 1 - had.size() : 0;
  verdict.received += visit.sequence.size();
  verdict.lost += lost;
  verdict.doubled += doubled;
  verdict.reordered += reordered;
  if (verdict.first_fault.empty() && lost + doubled + reordered != 0)
    verdict.first_fault = fmt::format("visit {} of room {}: {} lost, {} doubled, {} out of order",
                                      index, visit.room, lost, doubled, reordered);
}

}  // namespace bench
