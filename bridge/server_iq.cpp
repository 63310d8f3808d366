// SPDX-License-Identifier: Apache-2.0
#include "bridge/server_iq.h"

#include <string>
#include <utility>

#include "xmpp/ns.h"

namespace bridge {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;

IqAnswer result_with(const Element& iq, Element payload) {
  Element result = xmpp::iq_result(iq);
  result.add(std::move(payload));
  return result;
}

bool asks(const IqRequest& request, std::string_view type, std::string_view name) {
  return request.iq.attr("type") == type && request.payload().name() == name;
}

IqAnswer info(const IqRegistry& registry, Addressee addressee, const IqRequest& request) {
  if (!asks(request, "get", "query")) return StanzaError{Condition::service_unavailable};
  const std::string_view node = request.payload().attr("node");
  const bool server = addressee == Addressee::server;
  if (!node.empty() && !(server && node == std::string(caps_node) + "#" + registry.server_ver()))
    return StanzaError{Condition::item_not_found};
  Element query = registry.disco_info(addressee);
  if (!node.empty()) query.set_attr("node", node);
  return result_with(request.iq, std::move(query));
}

IqAnswer items(const IqRegistry& registry, Addressee addressee, const IqRequest& request) {
  if (!asks(request, "get", "query")) return StanzaError{Condition::service_unavailable};
  if (!request.payload().attr("node").empty()) return StanzaError{Condition::item_not_found};
  return result_with(request.iq, addressee == Addressee::server
                                     ? registry.disco_items()
                                     : Element("query", ns::disco_items));
}

// RFC 3921 §3; a no-op since RFC 6121.
IqAnswer session(const IqRequest& request) {
  if (!asks(request, "set", "session")) return StanzaError{Condition::service_unavailable};
  return xmpp::iq_result(request.iq);
}

IqAnswer ping(const IqRequest& request) {
  if (!asks(request, "get", "ping")) return StanzaError{Condition::service_unavailable};
  return xmpp::iq_result(request.iq);
}

}  // namespace

std::function<void(IqRequest)> at_once(std::function<void(std::size_t shard, Element)> reply,
                                       std::function<IqAnswer(const IqRequest&)> outcome) {
  return [reply = std::move(reply), outcome = std::move(outcome)](const IqRequest& request) {
    reply(request.shard, answer(request.iq, outcome(request)));
  };
}

std::function<void(IqRequest)> account_info(const IqRegistry& registry,
                                            std::function<void(std::size_t shard, Element)> reply) {
  return at_once(std::move(reply), [&registry](const IqRequest& request) {
    return info(registry, Addressee::account, request);
  });
}

void add_basic_rules(IqRegistry& registry,
                     const std::function<void(std::size_t shard, Element)>& reply) {
  registry.add_identity(Addressee::server, {"server", "im", "Hansard"});
  registry.add_identity(Addressee::account, {"account", "registered", {}});
  for (const Addressee addressee : {Addressee::server, Addressee::account}) {
    const auto add = [&](std::string_view ns, std::function<IqAnswer(const IqRequest&)> outcome) {
      registry.add({.addressee = addressee,
                    .ns = std::string(ns),
                    .handle = at_once(reply, std::move(outcome))});
    };
    add(ns::disco_info,
        [&registry, addressee](const IqRequest& r) { return info(registry, addressee, r); });
    add(ns::disco_items,
        [&registry, addressee](const IqRequest& r) { return items(registry, addressee, r); });
    add(ns::ping, ping);
    add(ns::session, session);
    for (const std::string_view feature : {ns::disco_info, ns::disco_items, ns::ping})
      registry.add_feature(addressee, feature);
  }
  registry.add_feature(Addressee::server, ns::caps);
}

}  // namespace bridge
