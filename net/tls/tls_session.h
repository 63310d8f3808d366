// SPDX-License-Identifier: Apache-2.0
// For net/ only. TlsSession: the server's side of one TLS connection, without a socket. Ciphertext
// comes in as a view that shrinks, and goes out into a string; nothing is kept between calls but
// what OpenSSL itself needs. May be moved to another thread between calls.
//
// Life: read() until established → read(), write() → shut_down(). After failed or closed nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/tls/tls.h"

namespace net {

class TlsSession {
 public:
  // Null when OpenSSL has no memory for one.
  static std::unique_ptr<TlsSession> accept(const TlsContext& context);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class Outcome { bytes, needs_input, established, closed, failed };
  struct Read {
    Outcome outcome;
    std::size_t bytes = 0;
  };
  // One step: the end of the handshake, or at most one record into `into`.
  Read read(std::string_view& ciphertext, std::span<char> into, std::string& out);
  // All of it or nothing: needs_input says to try the same bytes again after a read().
  Outcome write(std::string_view plaintext, std::string& out);
  void shut_down(std::string& out);  // close_notify

  bool established() const { return established_; }
  std::string_view version() const;
  std::string exporter() const;  // RFC 9266

 private:
  TlsSession() = default;
  struct Io;  // the callbacks of OpenSSL
  Outcome outcome_of(int result);
  bool flooded() const;

  // KeyUpdates and attempts at renegotiation in a session's life. Honest peers rekey after 2^24
  // records or more.
  static constexpr int handshakes_max = 32;

  void* ssl_ = nullptr;
  std::string_view* in_ = nullptr;  // both only during a call
  std::string* out_ = nullptr;
  int handshakes_ = 0;  // handshake messages received after the handshake
  bool established_ = false;
};

}  // namespace net
