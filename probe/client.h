// SPDX-License-Identifier: Apache-2.0
// Client: one user's connection. Connects and logs in, then keeps what comes until somebody asks
// for it. Its context's loop drives it: whoever waits runs xmpp_run_once().
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "base/time.h"
#include "probe/probe.h"
#include "probe/stream_log.h"
#include "probe/strophe.h"

namespace probe {

struct Received {
  xmpp::Element stanza;
  base::Time at;  // monotonic
};

class Client {
 public:
  enum class State : std::uint8_t { idle, connecting, online, ended };

  // `context` must outlive it. `log` is read when the login fails.
  Client(xmpp_ctx_t* context, const User& user, const Options& options, const StreamLog& log);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  void connect(const std::string& address);  // as text, of the host
  void send(const xmpp::Element& stanza);    // may only be called while online
  void end();                                // closes the stream; ended when the server has too

  State state() const { return state_; }
  bool was_online() const { return was_online_; }
  // Why the connection ended, or the login failed: one sentence.
  std::string why_ended() const;
  const xmpp::Jid& jid() const { return user_.jid; }

  // Shown every stanza when it comes, before anybody takes it; may be empty.
  std::function<void(const xmpp::Element&)> watch;
  // The first stanza received that fits, taken out; those before it are dropped.
  std::optional<Received> take(const std::function<bool(const xmpp::Element&)>& fits);

 private:
  static void on_connection(xmpp_conn_t*, xmpp_conn_event_t, int, xmpp_stream_error_t*, void*);
  static int on_stanza(xmpp_conn_t*, xmpp_stanza_t*, void*);
  void on_end(xmpp_stream_error_t* error);
  std::string why_login_failed() const;

  const User& user_;
  const Options& options_;
  const StreamLog& log_;
  Connection connection_;
  State state_ = State::idle;
  bool was_online_ = false;
  std::string stream_error_, stream_error_text_;  // RFC 6120 4.9.3, and the server's words
  std::deque<Received> received_;
};

}  // namespace probe
