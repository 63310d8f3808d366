// SPDX-License-Identifier: Apache-2.0
#include "src/config/config_rules.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "db/content.h"
#include "net/tcp/listener.h"
#include "xmpp/jid.h"

namespace server {
namespace {

using Broken = std::vector<BrokenRule>;

std::string quote(const std::string& text) { return "\"" + text + "\""; }

std::optional<net::Endpoint> endpoint(const std::string& key, const std::string& text,
                                      Broken& broken) {
  auto parsed = net::parse_endpoint(text);
  if (!parsed) {
    broken.push_back({key, "cannot use " + quote(text) + ": " + parsed.error()});
    return std::nullopt;
  }
  if (parsed->port == 0) {
    broken.push_back({key, "cannot use " + quote(text) + ": port 0 is nobody's; write 1 to 65535"});
    return std::nullopt;
  }
  return *parsed;
}

std::optional<std::string> prepared_domain(const std::string& key, const std::string& text,
                                           Broken& broken) {
  auto domain = xmpp::prepare_domain(text);
  if (!domain || domain->ends_with('.')) {
    broken.push_back({key, quote(text) + " is not a domain; write one as in \"example.org\""});
    return std::nullopt;
  }
  return domain;
}

void names(Config& config, Broken& broken) {
  if (auto domain = prepared_domain("domain", config.domain, broken)) config.domain = *domain;
  for (auto& admin : config.admins) {
    const auto jid = xmpp::Jid::parse(admin);
    if (!jid || !jid->is_bare() || !jid->has_local())
      broken.push_back({"admins", quote(admin) + " is not an account; write user@domain"});
    else
      admin = jid->str();
  }
  const std::pair<const char*, const std::string*> required[] = {
      {"data_dir", &config.data_dir},
      {"tls.certificate", &config.tls.certificate},
      {"tls.key", &config.tls.key}};
  for (const auto& [key, value] : required)
    if (value->empty()) broken.push_back({key, "must name a file or folder; it is empty"});
}

bool is_wildcard(const net::Endpoint& e) { return e.host == "0.0.0.0" || e.host == "::"; }

bool collide(const net::Endpoint& a, const net::Endpoint& b) {
  return a.port == b.port && (a.host == b.host || is_wildcard(a) || is_wildcard(b));
}

void listeners(const Config& config, Broken& broken) {
  struct Seen {
    std::string key;
    net::Endpoint at;
  };
  std::vector<Seen> seen;
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {
      {"listen.c2s", &config.listen.c2s},
      {"listen.c2s_tls", &config.listen.c2s_tls},
      {"listen.s2s", &config.listen.s2s},
      {"listen.http", &config.listen.http}};
  for (const auto& [key, texts] : lists) {
    for (const auto& text : *texts) {
      const auto at = endpoint(key, text, broken);
      if (!at) continue;
      for (const auto& other : seen)
        if (collide(*at, other.at))
          broken.push_back({key, "cannot use " + quote(text) + ": " + other.key +
                                     " listens there already; choose another port"});
      seen.push_back({key, *at});
    }
  }
}

void plain_without_tls(const Config& config, Broken& broken) {
  if (!config.c2s.allow_plain_without_tls) return;
  for (const auto& text : config.listen.c2s) {
    const auto at = net::parse_endpoint(text);
    if (at && !net::is_loopback(*at))
      broken.push_back({"c2s.allow_plain_without_tls",
                        "must be false: listen.c2s has " + quote(text) +
                            ", which is not a loopback address, and passwords would be readable"});
  }
}

void open_pages(Config& config) {
  for (const auto& text : config.listen.http) {
    const auto at = net::parse_endpoint(text);
    if (at && !net::is_loopback(*at))
      config.warnings.push_back("listen.http has " + quote(text) +
                                ", which is not a loopback address: whoever reaches it can read "
                                "the metrics");
  }
}

void mechanisms(const Config& config, Broken& broken) {
  const auto& all = config.c2s.mechanisms;
  if (all.empty())
    broken.push_back({"c2s.mechanisms", "must name at least one mechanism, or nobody can log in"});
  if (std::set<std::string>(all.begin(), all.end()).size() != all.size())
    broken.push_back({"c2s.mechanisms", "must name each mechanism once"});
}

bool is_database(const std::string& url) {
  return (url.starts_with("sqlite:") && url.size() > 7) ||
         (url.starts_with("postgresql://") && url.size() > 13);
}

void databases(const Config& config, Broken& broken) {
  const std::pair<const char*, const std::string*> urls[] = {
      {"database.content", &config.database.content},
      {"database.archive", &config.database.archive}};
  for (const auto& [key, url] : urls)
    if (!is_database(*url))
      broken.push_back({key, "must be \"sqlite:FILE\" or \"postgresql://user@host:port/name\""});
  if (db::mean_one(config.database.content, config.database.archive, config.data_dir))
    broken.push_back(
        {"database.archive", "must be another database than database.content, and both are " +
                                 db::shown_url(config.database.content)});
}

void peers(const Config& config, Broken& broken) {
  if (!config.s2s.dns.empty()) endpoint("s2s.dns", config.s2s.dns, broken);
  for (const auto& [domain, address] : config.s2s.routes) {
    prepared_domain("s2s.routes", domain, broken);
    endpoint("s2s.routes", address, broken);
  }
}

void components(Config& config, Broken& broken) {
  std::set<std::string> services = {config.domain};
  for (auto& component : config.components) {
    if (auto service = prepared_domain("component.service", component.service, broken)) {
      component.service = *service;
      if (!services.insert(*service).second)
        broken.push_back(
            {"component.service", quote(*service) + " is taken; name each domain once"});
    }
    endpoint("component.host", component.host, broken);
    if (component.secret_file.empty())
      broken.push_back({"component.secret_file", "must name the file that holds the secret"});
  }
}

// RFC 3986 3: a scheme, a colon, and nothing that must not stand in a URI.
bool is_uri(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto in_scheme = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  const auto printable = [](char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  };
  const auto colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
         letter(text.front()) && std::ranges::all_of(text.substr(0, colon), in_scheme) &&
         std::ranges::all_of(text, printable);
}

void contacts(const Config& config, Broken& broken) {
  constexpr std::size_t most = 20, bytes_max = 1023;
  const auto& c = config.contact;
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {
      {"contact.abuse", &c.abuse},       {"contact.admin", &c.admin},
      {"contact.feedback", &c.feedback}, {"contact.sales", &c.sales},
      {"contact.security", &c.security}, {"contact.status", &c.status},
      {"contact.support", &c.support}};
  for (const auto& [key, uris] : lists) {
    if (uris->size() > most)
      broken.push_back({key, "names more than " + std::to_string(most) + " addresses"});
    for (const auto& uri : *uris)
      if (!is_uri(uri) || uri.size() > bytes_max)
        broken.push_back({key, quote(uri) + " is not a URI; write one as in "
                                            "\"mailto:help@example.org\""});
  }
}

void limits(const Config& config, Broken& broken) {
  const auto& l = config.limits;
  if (l.send_queue_bytes < l.stanza_bytes)
    broken.push_back({"limits.send_queue_bytes", "must be at least limits.stanza_bytes (" +
                                                     std::to_string(l.stanza_bytes) +
                                                     "), or one stanza disconnects its reader"});
  if (l.preauth_per_address > l.preauth_connections)
    broken.push_back(
        {"limits.preauth_per_address", "must not be above limits.preauth_connections (" +
                                           std::to_string(l.preauth_connections) + ")"});
}

}  // namespace

std::vector<BrokenRule> apply_rules(Config& config) {
  Broken broken;
  names(config, broken);
  listeners(config, broken);
  plain_without_tls(config, broken);
  open_pages(config);
  mechanisms(config, broken);
  databases(config, broken);
  peers(config, broken);
  components(config, broken);
  contacts(config, broken);
  limits(config, broken);
  return broken;
}

std::vector<xmpp::Jid> admin_jids(const Config& config) {
  std::vector<xmpp::Jid> jids;
  for (const auto& admin : config.admins)
    if (auto jid = xmpp::Jid::parse(admin)) jids.push_back(std::move(*jid));
  return jids;
}

std::string not_served_yet(const Config& config) {
  std::string missing;
  const auto add = [&](bool asked, const char* what) {
    if (asked) missing += (missing.empty() ? "" : ", ") + std::string(what);
  };
  add(config.s2s.enabled && !config.listen.s2s.empty(), "other servers (listen.s2s)");
  add(!config.components.empty(), "components ([[component]])");
  const Config defaults;
  add(config.tls.ca_file != defaults.tls.ca_file, "certificates of others (tls.ca_file)");
  if (missing.empty()) return "";
  return "this version does not serve these yet: " + missing;
}

}  // namespace server
