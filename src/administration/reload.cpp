// SPDX-License-Identifier: Apache-2.0
#include "src/administration/reload.h"

#include <algorithm>
#include <array>

#include "src/certificates.h"
#include "src/config/options.h"
#include "src/services.h"
#include "xmpp/datetime.h"

namespace server {
namespace {

// Everything that c2s::Server::set_config, RoomHost and the commands take at run time.
constexpr std::array<std::string_view, 10> changeable{
    "admins",          "log_level",
    "tls.certificate", "tls.key",
    "c2s.require_tls", "c2s.allow_plain_without_tls",
    "c2s.mechanisms",  "auth.scram_iterations",
    "history.",        "limits."};
// Rooms read these when they are made or read from the database.
constexpr std::array<std::string_view, 1> fixed{"limits.history_on_join"};

std::string list(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

admin::Refusal refusal(std::string why, std::vector<std::string> details = {}) {
  return {.text = "not reloaded, all stays as it was: " + std::move(why),
          .details = std::move(details)};
}

bool same(const std::vector<Config::Component>& a, const std::vector<Config::Component>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.service == y.service && x.host == y.host && x.secret_file == y.secret_file;
  });
}

}  // namespace

bool may_change(std::string_view key) {
  if (std::find(fixed.begin(), fixed.end(), key) != fixed.end()) return false;
  return std::any_of(changeable.begin(), changeable.end(), [&](std::string_view c) {
    return c.ends_with('.') ? key.starts_with(c) : key == c;
  });
}

std::vector<std::string> changed_keys(const Config& before, const Config& after) {
  std::vector<std::string> keys;
  for (const auto& option : options())
    if (toml_value(option, before) != toml_value(option, after)) keys.push_back(dotted(option));
  if (!same(before.components, after.components)) keys.emplace_back("component");
  return keys;
}

base::Result<admin::Answer, admin::Refusal> Reloader::try_reload() {
  auto read = read_config(running_.file, running_.data_dir_given);
  if (!read) return base::fail(refusal("the configuration is wrong", read.error()));
  const auto changed = changed_keys(running_, *read);
  std::vector<std::string> fixed_ones;
  std::copy_if(changed.begin(), changed.end(), std::back_inserter(fixed_ones),
               [](const std::string& key) { return !may_change(key); });
  if (!fixed_ones.empty())
    return base::fail(refusal(list(fixed_ones) + (fixed_ones.size() == 1 ? " needs" : " need") +
                              " a restart; put back what it was, or restart the server"));
  auto certificate = reread_certificate(*read, parts_.clock.wall());
  if (!certificate) return base::fail(refusal(certificate.error()));

  // From here on nothing can fail.
  running_ = std::move(*read);
  parts_.c2s.set_tls(certificate->context);
  parts_.c2s.set_config(c2s_config(running_, parts_.secrets));
  parts_.rooms.set_limits(lobby(running_, parts_.secrets, {}).limits);
  parts_.administrators.set_named(admin_jids(running_));
  parts_.log.set_level(base::parse_level(running_.log_level).value_or(base::Level::info));
  if (parts_.tell) parts_.tell(running_);
  if (parts_.operation != nullptr) parts_.operation->set_certificate(certificate->info.not_after);
  for (const auto& warning : running_.warnings)
    parts_.log.warn("configuration", {{"note", warning}});
  return admin::Answer{
      .text = "reloaded; " +
              (changed.empty() ? "no key has changed" : "changed: " + list(changed)) +
              "; certificate valid until " + xmpp::format_datetime(certificate->info.not_after),
      .fields = {{"changed", list(changed)},
                 {"certificate_sha256", certificate->info.sha256_fingerprint},
                 {"certificate_until", xmpp::format_datetime(certificate->info.not_after)}},
      .count = static_cast<std::int64_t>(changed.size())};
}

base::Result<admin::Answer, admin::Refusal> Reloader::reload() {
  if (parts_.operation != nullptr) parts_.operation->reload_begins();
  auto outcome = try_reload();
  if (parts_.operation != nullptr) parts_.operation->reload_ends();
  if (outcome) {
    ++done_;
    parts_.log.info("reloaded", {{"changed", std::get<std::string>(outcome->fields[0].value)},
                                 {"certificate", std::get<std::string>(outcome->fields[1].value)}});
  } else {
    ++refused_;
    parts_.log.error("reload refused", {{"why", outcome.error().text},
                                        {"first", outcome.error().details.empty()
                                                      ? std::string()
                                                      : outcome.error().details.front()}});
  }
  return outcome;
}

}  // namespace server
