// SPDX-License-Identifier: Apache-2.0
#include "src/services.h"

#include <algorithm>
#include <utility>

#include "xmpp/data_form.h"

namespace server {

muc::ServiceConfig lobby(const Config& config, const db::Secrets& secrets,
                         std::vector<xmpp::Jid> admins) {
  muc::ServiceConfig service{.domain = first_service(config), .name = "Lobby"};
  service.limits.nick_bytes = config.limits.nick_bytes;
  service.limits.room_occupants = config.limits.room_occupants;
  service.limits.room_affiliations = config.limits.room_affiliations;
  service.limits.large_room_occupants = config.limits.large_room_occupants;
  service.limits.rooms_per_owner = config.limits.rooms_per_owner;
  service.limits.archive_page = config.limits.archive_page;
  service.limits.stanza_bytes =
      std::min(config.limits.stanza_bytes, config.limits.s2s_stanza_bytes);
  service.limits.stanza_elements = config.limits.stanza_elements;
  service.limits.history_on_join = config.limits.history_on_join;
  service.limits.history_max = std::max(service.limits.history_max, config.limits.history_on_join);
  service.secrets = {.id_key = secrets.id_key, .occupant_id_key = secrets.occupant_id_key};
  service.about = contact_form(config);
  service.admins = std::move(admins);
  return service;
}

std::optional<xmpp::Element> contact_form(const Config& config) {
  const auto& c = config.contact;
  xmpp::DataForm form{.type = xmpp::DataForm::Type::result};
  form.fields.push_back({.var = "FORM_TYPE",
                         .type = xmpp::FieldType::hidden,
                         .values = {"http://jabber.org/network/serverinfo"}});
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {
      {"abuse-addresses", &c.abuse},       {"admin-addresses", &c.admin},
      {"feedback-addresses", &c.feedback}, {"sales-addresses", &c.sales},
      {"security-addresses", &c.security}, {"status-addresses", &c.status},
      {"support-addresses", &c.support}};
  for (const auto& [var, uris] : lists)
    if (!uris->empty())
      form.fields.push_back({.var = var, .type = xmpp::FieldType::list_multi, .values = *uris});
  if (form.fields.size() == 1) return std::nullopt;
  return xmpp::to_element(form);
}

base::Result<std::vector<xmpp::Jid>, std::string> made_admins(const Config& config,
                                                              accounts::AccountStore& accounts) {
  constexpr std::size_t page = 1000;
  std::vector<xmpp::Jid> admins;
  std::string after;
  for (;;) {
    const auto found = accounts.list(after, page);
    if (!found) return base::fail(std::string("the accounts cannot be read from the database"));
    for (const auto& account : *found)
      if (account.admin)
        if (auto jid = xmpp::Jid::from_parts(account.localpart, config.domain))
          admins.push_back(std::move(*jid));
    if (found->size() < page) return admins;
    after = found->back().localpart;
  }
}

bridge::c2s::Config c2s_config(const Config& config, const db::Secrets& secrets) {
  bridge::c2s::Config c2s{.domain = config.domain,
                          .require_tls = config.c2s.require_tls,
                          .allow_plain_without_tls = config.c2s.allow_plain_without_tls,
                          .registration = config.c2s.registration,
                          .mechanisms = config.c2s.mechanisms,
                          .scram_iterations = static_cast<int>(config.auth.scram_iterations),
                          .fake_salt_key = secrets.fake_salt_key};
  const Config::Limits& limits = config.limits;
  c2s.limits = {.preauth_time = base::seconds(static_cast<std::int64_t>(limits.preauth_seconds)),
                .preauth_stanza_bytes = limits.preauth_stanza_bytes,
                .preauth_elements = limits.preauth_elements,
                .preauth_connections = limits.preauth_connections,
                .preauth_per_address = limits.preauth_per_address,
                .sasl_tries = limits.sasl_tries,
                .stanza_bytes = limits.stanza_bytes,
                .stanza_elements = limits.stanza_elements,
                .stanza_depth = limits.stanza_depth,
                .token_bytes = limits.token_bytes,
                .attributes = limits.attributes,
                .bytes_per_second = limits.bytes_per_second,
                .stanzas_per_second = limits.stanzas_per_second,
                .resources_per_account = limits.resources_per_account,
                .send_queue_bytes = limits.send_queue_bytes,
                .resume_stanzas = limits.resume_stanzas};
  return c2s;
}

db::KeepRules keep_rules(const Config& config) {
  const auto rule = [](std::size_t value) {
    return value == unlimited ? std::nullopt : std::optional(static_cast<std::int64_t>(value));
  };
  return {.days = rule(config.history.keep_days), .messages = rule(config.history.keep_messages)};
}

}  // namespace server
