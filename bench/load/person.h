// SPDX-License-Identifier: Apache-2.0
// Person: one client that asks and waits for answers, for scenarios about a single session. Throws
// Failed when it is lost or an answer does not come.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "bench/load/fleet.h"

namespace bench {

class Person final : private Client::Owner {
 public:
  Person(Poller& poller, const Target& target, std::size_t account);

  void log_in(const Login& login = {});  // returns once online
  void send(std::string_view xml);
  // Sends it and returns the iq with that id that answers it.
  std::string ask(std::string_view xml, std::string_view id);
  // The next element that fits; those before it are dropped.
  std::string wait_for(const char* what, const std::function<bool(const std::string&)>& fits);
  void close() { client_.close(); }
  void cut() { client_.cut(); }

  bool server_resumes() const { return client_.server_resumes(); }
  // Messages, presences and iqs since <enabled/> (XEP-0198); a resumed stream counts on.
  std::uint32_t handled() const { return handled_; }
  void count_on_from(std::uint32_t handled) { handled_ = handled; }
  Clock::time_point heard_at() const { return heard_at_; }  // the last element
  double resumed_in() const { return client_.resumed_in(); }

 private:
  void on_online(Client&) override;
  void on_stanza(Client&, const Stanza& stanza) override;
  void on_lost(Client&, std::string_view why) override;

  Poller& poller_;
  const Target& target_;
  std::size_t account_;
  Client client_;
  bool online_ = false;
  std::uint32_t handled_ = 0;
  std::deque<std::string> heard_;
  Clock::time_point heard_at_;
};

}  // namespace bench
