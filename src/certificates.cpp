// SPDX-License-Identifier: Apache-2.0
#include "src/certificates.h"

#include <filesystem>
#include <system_error>

#include "src/services.h"

namespace server {
namespace {

namespace fs = std::filesystem;

base::Result<void, std::string> make(const Config& config, const std::string& certificate,
                                     const std::string& key) {
  std::error_code error;
  const fs::path folder = fs::path(certificate).parent_path();
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return base::fail("cannot make " + folder.string() + ": " + error.message());
  return net::make_self_signed(certificate, key, {config.domain, first_service(config)});
}

}  // namespace

bool will_make_certificate(const Config& config) {
  const Config::Tls defaults;
  return config.tls.certificate == defaults.certificate && config.tls.key == defaults.key &&
         !fs::exists(config.in_data_dir(config.tls.certificate)) &&
         !fs::exists(config.in_data_dir(config.tls.key));
}

base::Result<Certificate, std::string> obtain_certificate(const Config& config) {
  const std::string certificate = config.in_data_dir(config.tls.certificate);
  const std::string key = config.in_data_dir(config.tls.key);
  Certificate result;
  if (will_make_certificate(config)) {
    if (auto made = make(config, certificate, key); !made) return base::fail(made.error());
    result.made_now = true;
  }
  auto context = net::TlsContext::load(certificate, key);
  if (!context) return base::fail(context.error());
  auto info = net::inspect_certificate(certificate);
  if (!info) return base::fail(info.error());
  result.context = std::move(*context);
  result.info = std::move(*info);
  return result;
}

}  // namespace server
