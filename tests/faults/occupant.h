// SPDX-License-Identifier: Apache-2.0
// Somebody in a room, as a client sees it. Touched on its shard's thread; looking is for any.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "bridge/session.h"

namespace tests::faults {

class Occupant final : public bridge::Session {
 public:
  // Asked about each stanza at the moment it arrives; what is wrong with it, "" if nothing.
  using Check = std::function<std::string(const xmpp::Element& stanza)>;
  Occupant(const std::string& name, Check check);

  bool open() const override { return true; }
  void send(const base::Payload& payload) override;
  void send(const xmpp::Element& stanza) override;
  void end(xmpp::StreamError) override {}

  std::string name() const { return std::string(jid().local()); }
  // Of what came since start_over().
  void start_over();
  bool inside() const;                               // the room, as its own presence last said
  int times_out() const;                             // put out without having asked for it
  std::size_t answers(const std::string& id) const;  // what came with this id, reflections too
  std::string error(const std::string& id) const;    // its type, "" if there was none
  std::vector<std::string> heard() const;            // bodies of live messages
  std::vector<std::string> complaints() const;

 private:
  void take(const xmpp::Element& stanza);

  const Check check_;
  mutable std::mutex mutex_;
  bool inside_ = false;
  int times_out_ = 0;
  std::map<std::string, std::size_t> answers_;
  std::map<std::string, std::string> errors_;  // by id: the type
  std::vector<std::string> heard_, complaints_;
};

}  // namespace tests::faults
