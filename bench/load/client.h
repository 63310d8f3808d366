// SPDX-License-Identifier: Apache-2.0
// Client: one XMPP client of the generator: connects, logs in with SASL PLAIN, binds a resource,
// becomes available, then sends what it is told and shows its owner every stanza.
//
//   connecting → greeting → authenticating → regreeting → binding → online → closed
//   (any state → closed, by error or by the peer: on_lost)
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bench/load/poller.h"
#include "bench/load/scanner.h"
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
  std::function<std::string()> status;  // `hansard status --json`; empty where there is none
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

  void connect(const Target& target, const Account& account, bool tls);
  void queue(std::string_view xml) { out_ += xml; }
  void flush();
  void close();  // ends the stream and the connection

  std::size_t index() const { return index_; }
  bool online() const { return state_ == State::online; }
  void on_ready(std::uint32_t events) override;

 private:
  enum class State { closed, connecting, greeting, authenticating, regreeting, binding, online };

  bool establish();
  void read();
  void consume(std::string_view bytes);
  void on_element(const Stanza& stanza);
  void greet(State next);
  void authenticate();
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
};

}  // namespace bench
