// SPDX-License-Identifier: Apache-2.0
#include "bridge/server_iq.h"

#include <array>
#include <optional>
#include <string_view>
#include <variant>

#include "bridge/stanza_rules.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"

namespace bridge {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;
using Answer = std::variant<Element, StanzaError>;  // the whole result, or why not

constexpr std::size_t node_bytes_max = 1024;

struct Request {
  const std::vector<ServiceItem>& services;
  Addressee addressee;
  const Element& iq;
  const Element& payload;
};

// We have no nodes: BI-STZ-18.
std::optional<StanzaError> refuse_node(const Element& query) {
  const std::string_view node = query.attr("node");
  if (node.empty()) return std::nullopt;
  if (node.size() > node_bytes_max) return StanzaError{Condition::bad_request};
  return StanzaError{Condition::item_not_found};
}

Answer disco_info(const Request& request) {
  if (auto error = refuse_node(request.payload)) return std::move(*error);
  const bool server = request.addressee == Addressee::server;
  Element result = xmpp::iq_result(request.iq);
  Element& query = result.add("query", ns::disco_info);
  Element& identity = query.add("identity", ns::disco_info);
  identity.set_attr("category", server ? "server" : "account");
  identity.set_attr("type", server ? "im" : "registered");
  if (server) identity.set_attr("name", "Hansard");
  for (const std::string_view feature : {ns::disco_info, ns::disco_items, ns::ping})
    query.add("feature", ns::disco_info).set_attr("var", feature);
  return result;
}

Answer disco_items(const Request& request) {
  if (auto error = refuse_node(request.payload)) return std::move(*error);
  Element result = xmpp::iq_result(request.iq);
  Element& query = result.add("query", ns::disco_items);
  if (request.addressee == Addressee::server)
    for (const ServiceItem& service : request.services)
      query.add("item", ns::disco_items)
          .set_attr("jid", service.domain)
          .set_attr("name", service.name);
  return result;
}

Answer empty_result(const Request& request) { return xmpp::iq_result(request.iq); }

// RFC 6121 §2.1.3: nobody has contacts here yet, so the roster is empty; it cannot be changed.
Answer roster_get(const Request& request) {
  if (request.addressee != Addressee::own_account)
    return StanzaError{Condition::service_unavailable};
  Element result = xmpp::iq_result(request.iq);
  result.add("query", ns::roster);
  return result;
}

Answer roster_set(const Request&) {
  return StanzaError{Condition::feature_not_implemented, "Contacts are not kept here."};
}

struct Handler {
  std::string_view type, name, ns;
  Answer (*answer)(const Request&);
};
constexpr std::array handlers{
    Handler{"get", "query", ns::disco_info, disco_info},
    Handler{"get", "query", ns::disco_items, disco_items},
    Handler{"get", "ping", ns::ping, empty_result},
    Handler{"set", "session", ns::session, empty_result},  // RFC 3921 §3; a no-op since RFC 6121
    Handler{"get", "query", ns::roster, roster_get},
    Handler{"set", "query", ns::roster, roster_set},
};

Answer answer(const Request& request) {
  for (const Handler& handler : handlers)
    if (request.iq.attr("type") == handler.type && request.payload.is(handler.name, handler.ns))
      return handler.answer(request);
  return StanzaError{Condition::service_unavailable};
}

}  // namespace

Element answer_iq(const std::vector<ServiceItem>& services, Addressee addressee,
                  const Element& iq) {
  Answer outcome = answer({services, addressee, iq, *iq.first_child()});
  if (auto* result = std::get_if<Element>(&outcome)) return std::move(*result);
  return *refusal(iq, std::get<StanzaError>(outcome));
}

}  // namespace bridge
