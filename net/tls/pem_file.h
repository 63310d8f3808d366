// SPDX-License-Identifier: Apache-2.0
// For net/ only. PEM files in and out; errors are sentences that begin with the file's name or say
// what cannot be done with it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/tls/openssl_ptr.h"

namespace net {

base::Result<std::string, std::string> read_file(const std::string& file);
// At least one certificate, in the order of the file: the server's own comes first.
base::Result<std::vector<CertificatePtr>, std::string> read_certificates(const std::string& file);
// Replaces the file as a whole: a reader sees the old or the new one.
base::Result<void, std::string> write_file(const std::string& file, const std::string& text,
                                           unsigned mode);

}  // namespace net
