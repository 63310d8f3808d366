// SPDX-License-Identifier: Apache-2.0
#include "src/certificates.h"

#include <filesystem>
#include <system_error>

#include "src/services.h"
#include "xmpp/datetime.h"

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

base::Result<Certificate, std::string> load(const std::string& certificate,
                                            const std::string& key) {
  Certificate result;
  auto context = net::TlsContext::load(certificate, key);
  if (!context) return base::fail(context.error());
  auto info = net::inspect_certificate(certificate);
  if (!info) return base::fail(info.error());
  result.context = std::move(*context);
  result.info = std::move(*info);
  return result;
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
  const bool made_now = will_make_certificate(config);
  if (made_now)
    if (auto made = make(config, certificate, key); !made) return base::fail(made.error());
  auto loaded = load(certificate, key);
  if (loaded) loaded->made_now = made_now;
  return loaded;
}

base::Result<Certificate, std::string> reread_certificate(const Config& config, base::Time now) {
  const std::string file = config.in_data_dir(config.tls.certificate);
  auto loaded = load(file, config.in_data_dir(config.tls.key));
  if (!loaded) return loaded;
  const auto& info = loaded->info;
  if (now < info.not_before)
    return base::fail("the certificate " + file + " is not valid before " +
                      xmpp::format_datetime(info.not_before) + "; look at the clock, or wait");
  if (info.not_after < now)
    return base::fail("the certificate " + file + " was valid until " +
                      xmpp::format_datetime(info.not_after) + "; get a new one");
  if (!info.covers(config.domain))
    return base::fail("the certificate " + file + " does not name " + config.domain +
                      "; get one that does");
  return loaded;
}

}  // namespace server
