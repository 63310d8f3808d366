// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/stream_rules.h"

#include <algorithm>

#include "bridge/c2s/sasl.h"
#include "bridge/server_iq.h"
#include "xmpp/jid.h"
#include "xmpp/ns.h"
#include "xmpp/sanitise.h"
#include "xmpp/writer.h"

namespace bridge::c2s {
namespace {

namespace ns = xmpp::ns;
using xmpp::Element;
using xmpp::StreamCondition;
using xmpp::StreamError;

constexpr std::string_view register_feature = "http://jabber.org/features/iq-register";  // XEP-0077
constexpr std::string_view channel_binding = "urn:xmpp:sasl-cb:0";                       // XEP-0440

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Element starttls(bool required) {
  Element starttls("starttls", ns::tls);
  if (required) starttls.add("required", ns::tls);
  return starttls;
}

Element mechanisms(const std::vector<std::string>& names) {
  Element all("mechanisms", ns::sasl);
  for (const std::string& name : names) all.add("mechanism", ns::sasl).set_text(name);
  return all;
}

Element binding_types() {
  Element types("sasl-channel-binding", channel_binding);
  types.add("channel-binding", channel_binding).set_attr("type", "tls-exporter");
  return types;
}

Element legacy_session() {
  Element session("session", ns::session);
  session.add("optional", ns::session);
  return session;
}

Element capabilities(const std::string& ver) {
  Element c("c", ns::caps);
  c.set_attr("hash", "sha-1").set_attr("node", caps_node).set_attr("ver", ver);
  return c;
}

}  // namespace

bool version_supported(std::string_view version) {
  const auto dot = version.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view major = version.substr(0, dot);
  if (!all_digits(major) || !all_digits(version.substr(dot + 1))) return false;
  return major.find_first_not_of('0') != std::string_view::npos;  // at least 1
}

std::optional<StreamError> check_header(const xmpp::StreamHeader& header,
                                        const std::string& domain) {
  if (header.ns != ns::client) return StreamError{StreamCondition::invalid_namespace};
  // §4.7.2: liberal towards clients of RFC 3920 that do not say where they want to go.
  if (header.has_to && xmpp::prepare_domain(header.to) != domain)
    return StreamError{StreamCondition::host_unknown};
  if (!header.has_version || !version_supported(header.version))
    return StreamError{StreamCondition::unsupported_version};
  return std::nullopt;
}

std::string header_identity(const xmpp::StreamHeader& header) {
  const auto from = xmpp::Jid::parse(header.from);
  return from ? std::string(from->bare_str()) : std::string();
}

std::string header_lang(const xmpp::StreamHeader& header) {
  return xmpp::is_language(header.lang) ? header.lang : std::string();
}

// The prefix is spelled out: there are clients that look for it (RFC 6120 §4.8.5).
std::string features(const Offer& offer) {
  std::string text = "<stream:features>";
  const auto append = [&](const Element& feature) { xmpp::append_xml(text, feature, ns::client); };
  if (offer.starttls) append(starttls(offer.starttls_required));
  if (!offer.mechanisms.empty()) {
    append(mechanisms(offer.mechanisms));
    if (std::any_of(offer.mechanisms.begin(), offer.mechanisms.end(), is_plus))
      append(binding_types());
  }
  if (offer.registration) append(Element("register", register_feature));
  if (offer.bind) {
    append(Element("bind", ns::bind));
    append(legacy_session());
    append(Element("sm", ns::sm));
    append(Element("csi", ns::csi));
  }
  if (!offer.caps_ver.empty()) append(capabilities(offer.caps_ver));
  return text + "</stream:features>";
}

std::string stream_error(const StreamError& error, const Element* detail) {
  std::string text = "<stream:error>";
  xmpp::to_element(error).for_each_child(
      [&](const Element& child) { xmpp::append_xml(text, child, ns::client); });
  if (detail != nullptr) xmpp::append_xml(text, *detail, ns::client);
  return text + "</stream:error>";
}

xmpp::ParserLimits parser_limits(const Limits& limits, bool authenticated) {
  xmpp::ParserLimits parser{.stanza_bytes = limits.stanza_bytes,
                            .elements = limits.stanza_elements,
                            .depth = limits.stanza_depth,
                            .token_bytes = limits.token_bytes,
                            .attributes = limits.attributes};
  if (authenticated) return parser;
  parser.stanza_bytes = std::min(parser.stanza_bytes, limits.preauth_stanza_bytes);
  parser.elements = std::min(parser.elements, limits.preauth_elements);
  parser.token_bytes = std::min(parser.token_bytes, limits.preauth_stanza_bytes);
  return parser;
}

}  // namespace bridge::c2s
