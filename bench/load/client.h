// SPDX-License-Identifier: Apache-2.0
// Client: one XMPP client of the generator: connects, logs in, binds a resource and becomes
// available, or resumes an earlier stream (XEP-0198), then sends what it is told and shows its
// owner every stanza.
//
//   connecting → greeting → authenticating → regreeting → binding or resuming → online → closed
//   (any state → closed, by error or by the peer: on_lost)
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bench/load/poller.h"
#include "bench/load/scanner.h"
#include "bench/load/scram.h"
#include "bench/load/socket.h"

namespace bench {

struct Account {
  std::string localpart;
  std::string password;
};

// The server under test, as the generator needs to know it.
struct Target {
  Endpoint plain;
  Endpoint tls;
  std::string domain = "localhost";
  std::string service = "chat.localhost";
  pid_t pid = 0;
  std::function<std::string()> status;    // `hansard status --json`; empty where there is none
  std::string password = "bench-secret";  // of all accounts
  std::optional<Endpoint> http;           // where /metrics is
  std::size_t accounts = 1;               // there are that many
  // `hansard user import` of so many accounts into nothing; empty: no such program.
  std::function<Spent(std::size_t)> import_accounts;
  Clock::time_point give_up = Clock::time_point::max();  // then everything that waits ends
};

struct Login {
  bool tls = false;  // from the first byte
  Mechanism mechanism = Mechanism::plain;
  std::string resume = {};  // the <resume/> to send in place of binding a resource
};

class Client final : public Poller::Handler {
 public:
  class Owner {
   public:
    virtual void on_online(Client& client) = 0;
    virtual void on_stanza(Client& client, const Stanza& stanza) = 0;  // once online
    virtual void on_lost(Client& client, std::string_view why) = 0;    // not after close()

   protected:
    ~Owner() = default;
  };

  // `index` is the owner's number for it. Owner and poller must outlive the client.
  Client(Poller& poller, Owner& owner, std::size_t index)
      : poller_(poller), owner_(owner), index_(index) {}
  ~Client();

  void connect(const Target& target, const Account& account, const Login& login);
  void queue(std::string_view xml) { out_ += xml; }
  void flush();
  void close();                                            // ends the stream and the connection
  void cut();                                              // ends the connection without a word
  double resumed_in() const { return resumed_in_; }        // seconds from <resume/> to <resumed/>
  bool server_resumes() const { return server_resumes_; }  // XEP-0198 stood in its features

  std::size_t index() const { return index_; }
  bool online() const { return state_ == State::online; }
  void on_ready(std::uint32_t events) override;

 private:
  enum class State {
    closed,
    connecting,
    greeting,
    authenticating,
    regreeting,
    binding,
    resuming,
    online
  };

  bool establish();
  void read();
  void consume(std::string_view bytes);
  void on_element(const Stanza& stanza);
  void greet(State next);
  void authenticate();
  void answer_challenge(const Stanza& stanza);
  void after_login(const Stanza& features);
  void go_online();
  void lose(std::string_view why);

  Poller& poller_;
  Owner& owner_;
  std::size_t index_;
  State state_ = State::closed;
  std::optional<Socket> socket_;
  bool waiting_to_write_ = false;
  Scanner scanner_;
  std::string out_;
  std::string domain_;
  Account account_;
  Login login_;
  std::optional<Scram> scram_;
  bool server_resumes_ = false;
  Clock::time_point asked_to_resume_;
  double resumed_in_ = 0;
};

}  // namespace bench
