// SPDX-License-Identifier: Apache-2.0
#include "bench/load/fleet.h"

#include <fmt/format.h>

#include <charconv>

#include "bench/failed.h"

namespace bench {
namespace {

constexpr auto patience = std::chrono::seconds(300);
constexpr std::size_t logins_at_a_time = 64;

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Account account(const Target& target, std::size_t index) {
  return {fmt::format("bench{}", index), target.password};
}

std::optional<Origin> read_origin(std::string_view from) {
  const auto at = from.find('@');
  const auto nick_at = from.find("/n", at);
  const auto dash = from.rfind('-', at);
  if (nick_at == std::string_view::npos || dash == std::string_view::npos) return std::nullopt;
  const auto room = read_number(from.substr(dash + 1, at - dash - 1));
  const auto nick = read_number(from.substr(nick_at + 2));
  if (!room || !nick) return std::nullopt;
  return Origin{.room = *room, .nick = *nick};
}

Fleet::Fleet(Poller& poller, const Target& target)
    : poller_(poller),
      target_(target),
      tag_(fmt::format("r{:x}", std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::system_clock::now().time_since_epoch())
                                        .count() &
                                    0xffffff)) {
  poller_.give_up_at(target.give_up);
}

std::string Fleet::room_jid(std::size_t room) const {
  return fmt::format("{}-{}@{}", tag_, room, target_.service);
}

void Fleet::wait(const char* what, const std::function<bool()>& done) {
  if (!poller_.run(done, Clock::now() + patience))
    throw Failed(fmt::format("{}: not done after {} s", what, patience.count()));
}

void Fleet::log_in(std::size_t count, const Login& login) {
  const std::size_t wanted = clients_.size() + count;
  wait("logging in", [&] {
    while (clients_.size() < wanted && clients_.size() - online_ < logins_at_a_time) {
      const auto index = clients_.size();
      seen_.push_back(0);
      clients_.push_back(
          std::make_unique<Client>(poller_, static_cast<Client::Owner&>(*this), index));
      clients_.back()->connect(target_, account(target_, index), login);
    }
    return online_ == wanted;
  });
}

void Fleet::close_all() {
  for (auto& client : clients_) client->close();
  clients_.clear();
  seen_.clear();
  online_ = 0;
}

void Fleet::enter(const Rooms& rooms, std::size_t window) {
  std::vector<Entry> creators, others;
  for (std::size_t room = 0; room < rooms.size(); ++room)
    for (const auto client : rooms[room])
      (client == rooms[room].front() ? creators : others).push_back({client, room});
  std::size_t expected = presences_;
  for (const auto& occupants : rooms) expected += occupants.size() * occupants.size();
  const auto before = seen_;
  enter_all(creators, window);
  unlock(creators);
  enter_all(others, window);
  wait("seeing everybody", [&] { return presences_ >= expected; });
  check_presences(before, rooms);
}

void Fleet::check_presences(const std::vector<std::size_t>& before, const Rooms& rooms) const {
  auto expected = before;
  for (const auto& occupants : rooms)
    for (const auto client : occupants) expected[client] += occupants.size();
  for (std::size_t client = 0; client < seen_.size(); ++client)
    if (seen_[client] != expected[client])
      throw Failed(fmt::format("client {} got {} presences instead of {}", client,
                               seen_[client] - before[client], expected[client] - before[client]));
}

void Fleet::enter_all(const std::vector<Entry>& entries, std::size_t window) {
  const std::size_t before = entered_;
  std::size_t begun = 0;
  wait("entering rooms", [&] {
    const std::size_t done = entered_ - before;
    for (; begun < entries.size() && begun - done < window; ++begun) {
      auto& client = *clients_[entries[begun].client];
      client.queue(
          fmt::format("<presence to='{}/n{}'><x xmlns='http://jabber.org/protocol/muc'>"
                      "<history maxstanzas='0'/></x></presence>",
                      room_jid(entries[begun].room), client.index()));
      client.flush();
    }
    return done == entries.size();
  });
}

void Fleet::unlock(const std::vector<Entry>& creators) {
  unlocked_ = 0;
  for (const auto& [index, room] : creators) {
    auto& client = *clients_[index];
    client.queue(
        fmt::format("<iq type='set' id='unlock' to='{}'><query "
                    "xmlns='http://jabber.org/protocol/muc#owner'>"
                    "<x xmlns='jabber:x:data' type='submit'/></query></iq>",
                    room_jid(room)));
    client.flush();
  }
  wait("making rooms", [&] { return unlocked_ == creators.size(); });
}

void Fleet::leave(const Rooms& rooms) {
  leaving_ = true;
  std::size_t expected = left_;
  for (std::size_t room = 0; room < rooms.size(); ++room) {
    for (const auto index : rooms[room]) {
      auto& client = *clients_[index];
      client.queue(fmt::format("<presence type='unavailable' to='{}/n{}'/>", room_jid(room),
                               client.index()));
      client.flush();
      ++expected;
    }
  }
  wait("leaving rooms", [&] { return left_ == expected; });
  leaving_ = false;
}

void Fleet::on_online(Client&) { ++online_; }

void Fleet::on_lost(Client& client, std::string_view why) {
  throw Failed(fmt::format("client {} was lost: {}", client.index(), why));
}

void Fleet::on_stanza(Client& client, const Stanza& stanza) {
  if (stanza.name == "presence") return on_presence(client, stanza);
  if (stanza.name == "message") {
    if (on_message) on_message(client, stanza);
    return;
  }
  if (stanza.name != "iq" || stanza.attr("id") != "unlock") return;
  if (stanza.attr("type") != "result")
    throw Failed(fmt::format("a room was not made: {}", stanza.text));
  ++unlocked_;
}

void Fleet::on_presence(Client& client, const Stanza& stanza) {
  const auto type = stanza.attr("type");
  if (type == "error") throw Failed(fmt::format("a presence was refused: {}", stanza.text));
  const auto origin = read_origin(stanza.attr("from"));
  if (!origin) return;  // not from a room: one's own, from the account
  // Another fleet's room: the farewell of the session that had this address before.
  if (!stanza.attr("from").starts_with(tag_ + "-")) return;
  const bool self = origin->nick == client.index();
  if (self && on_self) return on_self(client, *origin, type != "unavailable");
  if (type == "unavailable") {
    if (self && !leaving_) throw Failed(fmt::format("an occupant was put out: {}", stanza.text));
    left_ += self ? 1 : 0;
  } else {
    ++presences_;
    ++seen_[client.index()];
    entered_ += self ? 1 : 0;
  }
}

}  // namespace bench
