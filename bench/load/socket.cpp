// SPDX-License-Identifier: Apache-2.0
#include "bench/load/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "bench/failed.h"

namespace bench {
namespace {

// The private server's certificate is self-signed: it is not checked, nothing here is secret.
SSL_CTX* client_context() {
  static const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context = [] {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> made(SSL_CTX_new(TLS_client_method()),
                                                           &SSL_CTX_free);
    if (!made) throw Failed("OpenSSL gives no client context");
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(made.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return made;
  }();
  return context.get();
}

sockaddr_in address_of(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  if (inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr) != 1)
    throw Failed(endpoint.host + " is not an IPv4 address");
  return address;
}

Socket::Io io_from_errno() {
  return errno == EAGAIN || errno == EINTR ? Socket::Io::again : Socket::Io::failed;
}

}  // namespace

struct Socket::Tls {
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(client_context()), &SSL_free};

  Io outcome(int result) const {
    switch (SSL_get_error(ssl.get(), result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return Io::again;
      case SSL_ERROR_ZERO_RETURN:
        return Io::closed;
      default:
        return Io::failed;
    }
  }
};

Socket::Socket(const Endpoint& endpoint, bool tls)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0) fail_errno("socket");
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in address = address_of(endpoint);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    ::close(fd_);
    fail_errno("connect");
  }
  if (!tls) return;
  tls_ = std::make_unique<Tls>();
  SSL_set_fd(tls_->ssl.get(), fd_);
  SSL_set_connect_state(tls_->ssl.get());
}

Socket::~Socket() { ::close(fd_); }

Socket::Io Socket::establish() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    errno = error;
    return Io::failed;
  }
  if (!tls_) return Io::ok;
  const int result = SSL_do_handshake(tls_->ssl.get());
  return result == 1 ? Io::ok : tls_->outcome(result);
}

Socket::Io Socket::read(char* buffer, std::size_t size, std::size_t& got) {
  if (tls_) {
    const int result = SSL_read_ex(tls_->ssl.get(), buffer, size, &got);
    return result == 1 ? Io::ok : tls_->outcome(result);
  }
  const ssize_t n = ::recv(fd_, buffer, size, 0);
  if (n < 0) return io_from_errno();
  got = static_cast<std::size_t>(n);
  return n == 0 ? Io::closed : Io::ok;
}

Socket::Io Socket::write(std::string_view bytes, std::size_t& put) {
  if (tls_) {
    const int result = SSL_write_ex(tls_->ssl.get(), bytes.data(), bytes.size(), &put);
    return result == 1 ? Io::ok : tls_->outcome(result);
  }
  const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n < 0) return io_from_errno();
  put = static_cast<std::size_t>(n);
  return Io::ok;
}

}  // namespace bench
