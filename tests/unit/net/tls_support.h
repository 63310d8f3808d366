// SPDX-License-Identifier: Apache-2.0
// For tests of net/: certificates in a directory of their own, and an OpenSSL client on a Client.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "net/tls/tls.h"
#include "tests/unit/net/support.h"

namespace tests {

// A directory that goes with its files.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::shared_ptr<const net::TlsContext> test_context();  // self-signed for localhost
void write_text(const std::string& file, const std::string& text);

// Blocking TLS over the client's descriptor. Certificates are not checked.
class TlsClient {
 public:
  struct Options {
    int version = 0;      // the only one offered; 0 = any
    std::string ciphers;  // TLS 1.2 list
    std::string alpn;     // in wire form
  };
  TlsClient(Client& client, const Options& options);
  explicit TlsClient(Client& client) : TlsClient(client, Options{}) {}
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool handshake();
  bool send(std::string_view bytes);
  std::string receive(std::size_t n);
  bool ended_properly();  // the next read gives close_notify
  void shut_down();
  SSL* native() const { return ssl_; }

 private:
  SSL_CTX* ctx_;
  SSL* ssl_;
};

}  // namespace tests
