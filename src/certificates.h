// SPDX-License-Identifier: Apache-2.0
// The server's certificate: read from where the configuration says, or made at the first start.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "net/tls/tls.h"
#include "src/config/config.h"

namespace server {

struct Certificate {
  std::shared_ptr<const net::TlsContext> context;
  net::CertificateInfo info;
  bool made_now = false;
};

// Neither file is there and both lie at their default place.
bool will_make_certificate(const Config& config);

// Reads what is there and makes nothing. Refused besides what cannot be loaded: a certificate that
// is out of date or does not name the domain. The error is a sentence.
base::Result<Certificate, std::string> reread_certificate(const Config& config, base::Time now);

// Makes a self-signed one for the domain and its services if will_make_certificate(). The error is
// a sentence; a server never starts without TLS because of it.
base::Result<Certificate, std::string> obtain_certificate(const Config& config);

}  // namespace server
