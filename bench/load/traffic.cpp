// SPDX-License-Identifier: Apache-2.0
#include "bench/load/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bench {
namespace {

std::vector<std::size_t> sizes(const Fleet::Rooms& rooms) {
  std::vector<std::size_t> result;
  for (const auto& occupants : rooms) result.push_back(occupants.size());
  return result;
}

}  // namespace

Traffic::Traffic(Fleet& fleet, const Fleet::Rooms& rooms, std::size_t body_bytes)
    : fleet_(fleet),
      body_bytes_(body_bytes),
      seats_(fleet.size()),
      occupants_(sizes(rooms)),
      flights_(rooms.size()),
      checker_(occupants_) {
  for (std::size_t room = 0; room < rooms.size(); ++room)
    for (std::size_t i = 0; i < rooms[room].size(); ++i)
      seats_[rooms[room][i]] = {static_cast<std::uint32_t>(room), i, true};
  // First the first occupants of all rooms, then the second ones: neighbours in turn share no room.
  const auto largest = *std::max_element(occupants_.begin(), occupants_.end());
  for (std::size_t i = 0; i < largest; ++i)
    for (const auto& occupants : rooms)
      if (i < occupants.size()) senders_.push_back(occupants[i]);
  fleet_.on_message = [this](Client& client, const Stanza& stanza) { on_message(client, stanza); };
}

Traffic::~Traffic() { fleet_.on_message = nullptr; }

void Traffic::send_next() {
  const auto index = senders_[turn_++ % senders_.size()];
  const auto room = seats_[index].room;
  const auto label = checker_.send(room, static_cast<std::uint32_t>(index));
  auto& client = fleet_.client(index);
  client.queue(fmt::format("<message type='groupchat' to='{}' id='m{}'><body>{}</body></message>",
                           fleet_.room_jid(room), label.number, make_body(label, body_bytes_)));
  unflushed_.push_back(&client);
  flights_[room].push_back({occupants_[room], Clock::now()});
  ++in_flight_;
  ++totals_.messages;
}

void Traffic::flush() {
  for (auto* client : unflushed_) client->flush();
  unflushed_.clear();
}

void Traffic::run(const std::function<void()>& pump, const std::function<bool()>& all_sent,
                  const std::function<Clock::time_point()>& wake) {
  last_delivery_ = Clock::now();
  auto next_meanwhile = Clock::time_point::max();
  const auto done = [&] {
    if (meanwhile) next_meanwhile = meanwhile();
    pump();
    flush();
    if (all_sent()) return in_flight_ == 0 || Clock::now() - last_delivery_ > patience;
    return Clock::now() - last_delivery_ > patience;
  };
  const auto next_look = [&] {
    const auto look = std::min(Clock::now() + std::chrono::seconds(1), next_meanwhile);
    return wake ? std::min(wake(), look) : look;
  };
  fleet_.poller().run(done, Clock::time_point::max(), next_look);
}

void Traffic::closed_loop(std::size_t messages, std::size_t window) {
  std::size_t left = messages;
  run(
      [&] {
        for (; left != 0 && in_flight_ < window; --left) send_next();
      },
      [&] { return left == 0; }, {});
}

void Traffic::at_rate(std::size_t messages, double per_second) {
  const auto start = Clock::now();
  std::size_t sent = 0;
  const auto due = [&] {
    const std::chrono::duration<double> offset(static_cast<double>(sent) / per_second);
    return start + std::chrono::duration_cast<Clock::duration>(offset);
  };
  run(
      [&] {
        for (; sent < messages && due() <= Clock::now(); ++sent) send_next();
      },
      [&] { return sent == messages; },
      [&] { return sent < messages ? due() : Clock::time_point::max(); });
}

void Traffic::on_message(Client& client, const Stanza& stanza) {
  const auto& seat = seats_[client.index()];
  if (!seat.taken && stanza.attr("type") != "error")
    return on_message_in_visit(client.index(), stanza);
  if (stanza.attr("type") == "error") {
    checker_.refuse();
    in_flight_ -= in_flight_ == 0 ? 0 : 1;
    last_delivery_ = Clock::now();
    return;
  }
  const auto body = stanza.body();
  if (!body) return;  // a subject, a change of settings
  const auto label = read_body(*body);
  const auto origin = read_origin(stanza.attr("from"));
  const bool here = seat.taken && origin && origin->room == seat.room;
  totals_.bytes += static_cast<double>(stanza.text.size());
  ++totals_.deliveries;
  checker_.receive(seat.room, seat.receiver, here ? label : std::nullopt, here ? origin->nick : 0);
  if (here && label && label->room == seat.room && label->number < flights_[seat.room].size())
    on_delivery(client.index(), seat, *label);
}

void Traffic::begin_visit(std::size_t client, std::uint32_t room) {
  visits_[client] = {room, checker_.begin_visit(room)};
}

void Traffic::on_message_in_visit(std::size_t client, const Stanza& stanza) {
  const auto body = stanza.body();
  if (!body) return;
  ++totals_.deliveries;
  const auto origin = read_origin(stanza.attr("from"));
  const auto visit = visits_.find(client);
  if (visit == visits_.end() || !origin || origin->room != visit->second.first)
    return checker_.receive(0, 0, std::nullopt, 0);  // to somebody who is not there
  checker_.receive_in_visit(visit->second.second, read_body(*body), origin->nick);
}

void Traffic::on_delivery(std::size_t client, const Seat& seat, const Label& label) {
  auto& flight = flights_[seat.room][label.number];
  if (client == label.sender || flight.missing == 1) {
    last_delivery_ = Clock::now();
    if (client == label.sender)
      latencies_.push_back(seconds_between(flight.sent, last_delivery_) * 1000);
  }
  if (flight.missing != 0 && --flight.missing == 0 && in_flight_ != 0) --in_flight_;
}

Verdict Traffic::verdict() {
  fleet_.poller().run_for(std::chrono::milliseconds(300));
  return checker_.verdict();
}

std::vector<double> Traffic::take_latencies() { return std::exchange(latencies_, {}); }

}  // namespace bench
