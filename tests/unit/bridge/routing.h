// SPDX-License-Identifier: Apache-2.0
// A router of one shard, whose thread is the test's, with two sessions and a service.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/router.h"
#include "net/loop/shards.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace tests {

class FakeSession final : public bridge::Session {
 public:
  explicit FakeSession(const std::string& jid) : Session(*xmpp::Jid::parse(jid), jid) {}
  bool open() const override { return true; }
  void end(xmpp::StreamError) override {}
  void send(const base::Payload& payload) override {
    std::string text = *payload.bytes;
    if (payload.splice_at != base::Payload::no_splice)
      text.insert(payload.splice_at, xmpp::splice_to(jid().str()));
    got.push_back(text);
  }
  void send(const xmpp::Element& stanza) override {
    got.push_back(xmpp::to_xml(stanza, xmpp::ns::client));
  }
  std::string take() {
    std::string all;
    for (const auto& one : std::exchange(got, {})) all += one;
    return all;
  }

  std::vector<std::string> got;
};

class FakeService final : public bridge::LocalService {
 public:
  void handle(std::size_t, const xmpp::Jid& to, xmpp::Element stanza,
              base::Receipt receipt) override {
    CHECK(to.str() == stanza.attr("to"));
    got.push_back(std::move(stanza));
    receipts.push_back(std::move(receipt));
  }
  std::vector<xmpp::Element> got;
  std::vector<base::Receipt> receipts;
};

struct Routing {
  Routing() {
    router.add_service("chat.localhost", "Lobby", rooms);
    for (const auto& session : {juliet, romeo}) router.add(session);
  }
  void send(const std::shared_ptr<FakeSession>& from, xmpp::Element stanza) {
    router.from_client(*from, std::move(stanza));
  }
  std::string answer(const std::shared_ptr<FakeSession>& from, xmpp::Element stanza) {
    send(from, std::move(stanza));
    return from->take();
  }

  net::Shards shards{1};
  bridge::Router router{shards, "localhost"};
  FakeService rooms;
  std::shared_ptr<FakeSession> juliet = std::make_shared<FakeSession>("juliet@localhost/balcony");
  std::shared_ptr<FakeSession> romeo = std::make_shared<FakeSession>("romeo@localhost/orchard");
};

inline xmpp::Element stanza(std::string_view name, std::string_view to,
                            std::string_view type = {}) {
  xmpp::Element e(name, xmpp::ns::client);
  if (!to.empty()) e.set_attr("to", to);
  if (!type.empty()) e.set_attr("type", type);
  return e;
}

inline xmpp::Element iq(std::string_view type, std::string_view to, std::string_view name,
                        std::string_view ns) {
  xmpp::Element e = stanza("iq", to, type);
  e.set_attr("id", "1");
  e.add(name, ns);
  return e;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

inline constexpr std::string_view unavailable = "<service-unavailable";

}  // namespace tests
