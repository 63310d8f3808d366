// SPDX-License-Identifier: Apache-2.0
#include "net/tls/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"

namespace net {
namespace {

SSL* ssl(void* p) { return static_cast<SSL*>(p); }

}  // namespace

struct TlsSession::Io {
  static TlsSession& session(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int room) noexcept {
    auto& self = session(bio);
    BIO_clear_retry_flags(bio);
    if (self.flooded() || room <= 0) return -1;
    if (self.in_ == nullptr || self.in_->empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const auto n = std::min(self.in_->size(), static_cast<std::size_t>(room));
    std::memcpy(to, self.in_->data(), n);
    self.in_->remove_prefix(n);
    return static_cast<int>(n);
  }

  static int write(BIO* bio, const char* from, int n) noexcept {
    auto& self = session(bio);
    BIO_clear_retry_flags(bio);
    if (self.out_ == nullptr || n < 0) return -1;
    self.out_->append(from, static_cast<std::size_t>(n));
    return n;
  }

  static long control(BIO*, int command, long, void*) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static int create(BIO* bio) noexcept {
    BIO_set_init(bio, 1);
    return 1;
  }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      auto* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hansard");
      CHECK(m != nullptr);
      BIO_meth_set_read(m, read);
      BIO_meth_set_write(m, write);
      BIO_meth_set_ctrl(m, control);
      BIO_meth_set_create(m, create);
      return m;
    }();
    return made;
  }

  // Every KeyUpdate costs us two key derivations; a ClientHello here is a renegotiation, which no
  // honest XMPP peer tries.
  static void message(int sent, int, int type, const void* body, size_t size, SSL*,
                      void* arg) noexcept {
    auto& self = *static_cast<TlsSession*>(arg);
    if (sent != 0 || type != SSL3_RT_HANDSHAKE || !self.established_ || size == 0) return;
    const bool hello = *static_cast<const unsigned char*>(body) == SSL3_MT_CLIENT_HELLO;
    self.handshakes_ += hello ? handshakes_max + 1 : 1;
  }

  // Lends the buffers for the length of one call.
  struct Lend {
    Lend(TlsSession& s, std::string_view* in, std::string* out) : session(s) {
      session.in_ = in;
      session.out_ = out;
      ERR_clear_error();
    }
    ~Lend() {
      session.in_ = nullptr;
      session.out_ = nullptr;
    }
    TlsSession& session;
  };
};

std::unique_ptr<TlsSession> TlsSession::accept(const TlsContext& context) {
  std::unique_ptr<TlsSession> made(new TlsSession);
  made->ssl_ = SSL_new(static_cast<SSL_CTX*>(context.native()));
  auto* bio = BIO_new(Io::method());
  if (made->ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    return nullptr;
  }
  BIO_set_data(bio, made.get());
  SSL_set_bio(ssl(made->ssl_), bio, bio);
  SSL_set_accept_state(ssl(made->ssl_));
  SSL_set_msg_callback(ssl(made->ssl_), Io::message);
  SSL_set_msg_callback_arg(ssl(made->ssl_), made.get());
  return made;
}

TlsSession::~TlsSession() { SSL_free(ssl(ssl_)); }

bool TlsSession::flooded() const { return handshakes_ > handshakes_max; }

TlsSession::Outcome TlsSession::outcome_of(int result) {
  if (flooded()) return Outcome::failed;
  switch (SSL_get_error(ssl(ssl_), result)) {
    case SSL_ERROR_WANT_READ:
      return Outcome::needs_input;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::closed;
    default:
      return Outcome::failed;
  }
}

TlsSession::Read TlsSession::read(std::string_view& ciphertext, std::span<char> into,
                                  std::string& out) {
  const Io::Lend lend(*this, &ciphertext, &out);
  if (!established_) {
    const int result = SSL_do_handshake(ssl(ssl_));
    if (result != 1) return {outcome_of(result)};
    established_ = true;
    return {Outcome::established};
  }
  const int result = SSL_read(ssl(ssl_), into.data(), static_cast<int>(into.size()));
  if (result <= 0) return {outcome_of(result)};
  if (flooded()) return {Outcome::failed};
  return {Outcome::bytes, static_cast<std::size_t>(result)};
}

TlsSession::Outcome TlsSession::write(std::string_view plaintext, std::string& out) {
  const Io::Lend lend(*this, nullptr, &out);
  const int result = SSL_write(ssl(ssl_), plaintext.data(), static_cast<int>(plaintext.size()));
  return result > 0 ? Outcome::bytes : outcome_of(result);
}

void TlsSession::shut_down(std::string& out) {
  if (!established_) return;
  const Io::Lend lend(*this, nullptr, &out);
  SSL_shutdown(ssl(ssl_));
}

std::string_view TlsSession::version() const {
  return established_ ? SSL_get_version(ssl(ssl_)) : std::string_view{};
}

std::string TlsSession::exporter() const {
  if (!established_ || SSL_version(ssl(ssl_)) != TLS1_3_VERSION) return {};
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  std::array<unsigned char, 32> key{};
  const int made = SSL_export_keying_material(ssl(ssl_), key.data(), key.size(), label.data(),
                                              label.size(), nullptr, 0, 1);
  if (made != 1) return {};
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace net
