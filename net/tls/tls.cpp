// SPDX-License-Identifier: Apache-2.0
#include "net/tls/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cstring>
#include <string_view>

#include "net/tls/openssl_ptr.h"
#include "net/tls/pem_file.h"

namespace net {
namespace {

// XEP-0368: a client may say by ALPN that it wants XMPP. Who offers only something else gets no
// answer to it, as if we knew no ALPN.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int size, void*) noexcept {
  constexpr std::string_view ours = "xmpp-client";
  for (unsigned int at = 0; at < size; at += 1u + offered[at]) {
    const unsigned int length = offered[at];
    if (length > size - at - 1) break;
    if (length != ours.size() || std::memcmp(offered + at + 1, ours.data(), length) != 0) continue;
    *chosen = offered + at + 1;
    *chosen_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

bool harden(SSL_CTX* ctx) {
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_num_tickets(ctx, 0) == 1 && SSL_CTX_set_max_early_data(ctx, 0) == 1 &&
         SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
         SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1;
}

std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  return text != nullptr ? text : "unknown reason";
}

base::Result<KeyPtr, std::string> read_key(const std::string& file) {
  auto pem = read_file(file);
  if (!pem) return base::fail(pem.error());
  const BioPtr bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  bool asked = false;
  const auto passphrase = [](char*, int, int, void* flag) noexcept {
    *static_cast<bool*>(flag) = true;
    return -1;
  };
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, passphrase, &asked));
  if (asked) return base::fail(file + " is encrypted: store the key without a passphrase");
  if (!key) return base::fail(file + " holds no private key in PEM form");
  return key;
}

}  // namespace

base::Result<std::shared_ptr<const TlsContext>, std::string> TlsContext::load(
    const std::string& certificate_file, const std::string& key_file) {
  ERR_clear_error();
  auto chain = read_certificates(certificate_file);
  if (!chain) return base::fail(chain.error());
  auto key = read_key(key_file);
  if (!key) return base::fail(key.error());

  std::shared_ptr<TlsContext> made(new TlsContext);
  auto* ctx = SSL_CTX_new(TLS_server_method());
  made->ctx_ = ctx;
  if (ctx == nullptr || !harden(ctx))
    return base::fail("OpenSSL refuses our settings: " + reason());
  if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
    return base::fail(key_file + " is not the key of the certificate in " + certificate_file);
  }
  if (SSL_CTX_use_certificate(ctx, chain->front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(ctx, key->get()) != 1) {
    return base::fail(certificate_file + " cannot be used for TLS: " + reason());
  }
  for (std::size_t i = 1; i < chain->size(); ++i) {
    if (SSL_CTX_add1_chain_cert(ctx, (*chain)[i].get()) != 1) {
      return base::fail(certificate_file + " holds a chain that cannot be used: " + reason());
    }
  }
  return std::shared_ptr<const TlsContext>(std::move(made));
}

TlsContext::~TlsContext() { SSL_CTX_free(static_cast<SSL_CTX*>(ctx_)); }

void* TlsContext::native() const { return ctx_; }

}  // namespace net
