// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/memory_driver.h"

#include <sstream>
#include <stdexcept>

#include "tests/scripts/runner/xml.h"
#include "xmpp/ns.h"

namespace tests {

std::string MemoryDriver::connect(const std::string& client, const std::string& account,
                                  const std::string& resource) {
  const auto full = xmpp::Jid::parse(account + "@" + domain() + "/" + resource);
  if (!full) throw std::runtime_error("not a JID: " + account);
  clients_[client] = *full;
  server_.connect(*full);
  return full->str();
}

void MemoryDriver::disconnect(const std::string& client) {
  server_.disconnect(jid(client));
  clients_.erase(client);
}

const xmpp::Jid& MemoryDriver::jid(const std::string& client) const {
  const auto at = clients_.find(client);
  if (at == clients_.end()) throw std::runtime_error(client + " is not connected");
  return at->second;
}

void MemoryDriver::send(const std::string& client, const xmpp::Element& stanza,
                        const std::string&) {
  xmpp::Element stamped = stanza;
  stamped.set_attr("from", jid(client).str());
  if (stamped.find_attr("to") == nullptr) return;  // not for a room
  if (!xmpp::Jid::parse(stamped.attr("to")))
    throw std::runtime_error("malformed address: " + std::string(stamped.attr("to")));
  server_.handle(stamped);
}

std::optional<xmpp::Element> MemoryDriver::receive(const std::string& client) {
  const base::Payload payload = server_.next(jid(client));
  if (payload.bytes == nullptr) return std::nullopt;
  return received(payload, jid(client).str());
}

void MemoryDriver::say(const std::string& client, int count, const std::string& room) {
  for (int i = 1; i <= count; ++i) {
    xmpp::Element message("message", xmpp::ns::client);
    message.set_attr("to", room).set_attr("type", "groupchat");
    message.add("body", xmpp::ns::client).set_text("m" + std::to_string(i));
    send(client, message, room);
    server_.advance(base::seconds(1));
  }
}

void MemoryDriver::skip(const std::string& client, int count) {
  for (int i = 0; i < count; ++i) server_.next(jid(client));
}

void MemoryDriver::command(const std::string& text, const std::string& room) {
  const auto place = xmpp::Jid::parse(room);
  std::istringstream words(text);
  std::string first, second, third;
  long n = 0;
  words >> first >> second >> third;
  if (text == "the room unloads") return server_.advance(server_.config().unload_after);
  if (text == "the store fails") return server_.store().set_failing(true);
  if (text == "the store works") return server_.store().set_failing(false);
  if (text == "the record is refused") return server_.drop(*place);
  if (text == "the server stops") return server_.shut_down();
  if (text == "the room is woken") return server_.wake(*place);
  if (text == "the server crashes") {
    clients_.clear();
    return server_.restart();
  }
  if (text == "nobody may create" || first == "admin" || first == "limit") {
    if (first == "admin") server_.config().admins.push_back(*xmpp::Jid::parse(second));
    if (first == "nobody") server_.config().anyone_may_create = false;
    n = std::atol(third.c_str());
    auto& limits = server_.config().limits;
    if (second == "room_occupants") limits.room_occupants = static_cast<std::size_t>(n);
    if (second == "room_affiliations") limits.room_affiliations = static_cast<std::size_t>(n);
    if (second == "large_room_occupants") limits.large_room_occupants = static_cast<std::size_t>(n);
    if (second == "rooms_per_owner") limits.rooms_per_owner = static_cast<std::size_t>(n);
    if (second == "archive_page") limits.archive_page = static_cast<std::size_t>(n);
    if (second == "history_on_join") limits.history_on_join = static_cast<std::size_t>(n);
    clients_.clear();
    return server_.restart();
  }
  if (text == "the room is no more") {
    if (server_.store().inside(*place) != nullptr)
      throw std::runtime_error("the room still exists");
    return;
  }
  if (text == "nobody is inside") {
    const auto* inside = server_.store().inside(*place);
    if (inside != nullptr && !inside->empty()) throw std::runtime_error("somebody is still inside");
    return;
  }
  if (text == "reads are slow") return server_.hold_reads();
  if (text == "reads finish") return server_.finish_reads();
  if (first == "skip") return skip(second, std::atoi(third.c_str()));
  if (second == "is" && third == "available") return server_.make_available(jid(first));
  if (second == "says") return say(first, std::atoi(third.c_str()), room);
  throw std::runtime_error("no such command: " + text);
}

}  // namespace tests
