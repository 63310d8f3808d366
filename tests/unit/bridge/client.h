// SPDX-License-Identifier: Apache-2.0
// A blocking XMPP client for tests: a socket, OpenSSL when asked for, libgsasl for SCRAM. It only
// looks at text; what it waits for must come within ten seconds.
#pragma once

#include <string>
#include <string_view>
#include <utility>

struct ssl_st;
struct ssl_ctx_st;

namespace tests {

class Client {
 public:
  explicit Client(int port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes);
  // What has come up to and including `text`; empty (and a failed check) if it does not come.
  std::string expect(std::string_view text);
  // All that comes until the server ends the connection; fails if it does not.
  std::string rest();
  // Nothing more of what was received is waiting.
  std::string take() { return std::exchange(received_, {}); }

  void handshake();  // TLS on this socket
  bool refused();    // the server ends the connection without a word
  std::string exporter();
  int descriptor() const { return fd_; }

  // ---- XMPP
  void open(std::string_view extra = {});  // header to localhost; reads the features
  void start_tls();                        // and opens again
  // The reply to a SASL login by SCRAM or PLAIN: <success… or <failure…, whole.
  std::string login(const std::string& mechanism, const std::string& user,
                    const std::string& password, const std::string& authzid = {});
  // Header, TLS, login, bind; the full JID.
  std::string session(const std::string& user, const std::string& resource = {});
  std::string bind(const std::string& resource);

  std::string features;  // the last
  std::string bound_to;  // channel binding data in place of the true one

 private:
  bool fill();

  int fd_ = -1;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* ssl_ = nullptr;
  std::string received_;
};

std::string between(std::string_view text, std::string_view before, std::string_view after);

}  // namespace tests
