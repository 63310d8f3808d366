// SPDX-License-Identifier: Apache-2.0
// Transcripts straight through the rules. Its commands (`! …`):
//   the room unloads · the room is woken · the record is refused
//   nobody is inside · the room is no more (checks of what is on record)
//   the server crashes · the server stops · the store fails · the store works
//   reads are slow · reads finish · Romeo says 40 (messages, one a second) · skip Juliet 3
//   (stanzas) nobody may create · admin JID · limit NAME N   (these three begin anew)
#pragma once

#include <map>

#include "tests/scripts/runner/driver.h"
#include "tests/scripts/runner/memory_server.h"

namespace tests {

class MemoryDriver final : public Driver {
 public:
  std::string domain() const override { return "localhost"; }
  std::string service() const override { return "chat.localhost"; }
  std::string connect(const std::string& client, const std::string& account,
                      const std::string& resource) override;
  void disconnect(const std::string& client) override;
  void send(const std::string& client, const xmpp::Element& stanza,
            const std::string& room) override;
  std::optional<xmpp::Element> receive(const std::string& client) override;
  std::optional<xmpp::Element> receive_now(const std::string& client,
                                           const std::string& room) override {
    (void)room;
    return receive(client);
  }
  void advance(base::Micros delay) override { server_.advance(delay); }
  void command(const std::string& text, const std::string& room) override;

 private:
  const xmpp::Jid& jid(const std::string& client) const;
  void skip(const std::string& client, int count);
  void say(const std::string& client, int count, const std::string& room);

  MemoryServer server_;
  std::map<std::string, xmpp::Jid> clients_;
};

}  // namespace tests
