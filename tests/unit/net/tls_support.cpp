// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/net/tls_support.h"

#include <openssl/err.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace tests {

TempDir::TempDir() {
  auto pattern = (std::filesystem::temp_directory_path() / "hansard-net-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TempDir::~TempDir() { std::filesystem::remove_all(path_); }

std::shared_ptr<const net::TlsContext> test_context() {
  const TempDir dir;
  if (auto made = net::make_self_signed(dir / "cert.pem", dir / "key.pem", {"localhost"}); !made) {
    throw std::runtime_error(made.error());
  }
  auto context = net::TlsContext::load(dir / "cert.pem", dir / "key.pem");
  if (!context) throw std::runtime_error(context.error());
  return *context;
}

void write_text(const std::string& file, const std::string& text) { std::ofstream(file) << text; }

TlsClient::TlsClient(Client& client, const Options& options)
    : ctx_(SSL_CTX_new(TLS_client_method())) {
  if (options.version != 0) {
    SSL_CTX_set_min_proto_version(ctx_, options.version);
    SSL_CTX_set_max_proto_version(ctx_, options.version);
  }
  if (!options.ciphers.empty()) SSL_CTX_set_cipher_list(ctx_, options.ciphers.c_str());
  ssl_ = SSL_new(ctx_);
  SSL_set_fd(ssl_, client.fd());
  if (!options.alpn.empty()) {
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(options.alpn.data()),
                        static_cast<unsigned>(options.alpn.size()));
  }
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(ctx_);
}

bool TlsClient::handshake() {
  ERR_clear_error();
  return SSL_connect(ssl_) == 1;
}

bool TlsClient::send(std::string_view bytes) {
  ERR_clear_error();
  return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

std::string TlsClient::receive(std::size_t n) {
  std::string got(n, '\0');
  std::size_t have = 0;
  while (have < n) {
    ERR_clear_error();
    const int r = SSL_read(ssl_, got.data() + have, static_cast<int>(n - have));
    if (r <= 0) break;
    have += static_cast<std::size_t>(r);
  }
  got.resize(have);
  return got;
}

bool TlsClient::ended_properly() {
  char one = 0;
  ERR_clear_error();
  return SSL_get_error(ssl_, SSL_read(ssl_, &one, 1)) == SSL_ERROR_ZERO_RETURN;
}

void TlsClient::shut_down() {
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

}  // namespace tests
