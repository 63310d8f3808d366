// SPDX-License-Identifier: Apache-2.0
// TLS through OpenSSL: a context made from files, and certificates we make ourselves.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace net {

// An immutable server context; share it between threads. TLS 1.2 and 1.3, forward secrecy only, no
// renegotiation, no early data, no compression, buffers released when idle.
class TlsContext {
 public:
  // PEM files. The error is one sentence for the operator: unreadable, mismatch, encrypted key …
  static base::Result<std::shared_ptr<const TlsContext>, std::string> load(
      const std::string& certificate_file, const std::string& key_file);
  ~TlsContext();
  void* native() const;  // SSL_CTX*, for net/ only

 private:
  TlsContext() = default;
  void* ctx_ = nullptr;
};

struct CertificateInfo {
  std::string subject;
  std::string sha256_fingerprint;  // "AB:CD:…"
  base::Time not_before, not_after;
  bool covers(
      const std::string& domain) const;  // SAN dNSName or xmppAddr, wildcards in the leftmost label
  std::vector<std::string> names;        // SAN dNSNames, lower case
  std::vector<std::string> xmpp_addresses;  // SAN xmppAddr, lower case
};
base::Result<CertificateInfo, std::string> inspect_certificate(const std::string& certificate_file);

// Writes a self-signed ECDSA P-256 certificate valid for ten years, key file mode 0600. Directories
// must exist.
base::Result<void, std::string> make_self_signed(const std::string& certificate_file,
                                                 const std::string& key_file,
                                                 const std::vector<std::string>& domains);

}  // namespace net
