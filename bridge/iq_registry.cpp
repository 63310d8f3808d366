// SPDX-License-Identifier: Apache-2.0
#include "bridge/iq_registry.h"

#include <algorithm>

#include "base/check.h"
#include "bridge/stanza_rules.h"
#include "xmpp/caps.h"
#include "xmpp/ns.h"

namespace bridge {

using xmpp::Element;

Element answer(const Element& iq, IqAnswer outcome) {
  if (auto* result = std::get_if<Element>(&outcome)) return std::move(*result);
  return *refusal(iq, std::get<xmpp::StanzaError>(outcome));
}

void IqRegistry::add(IqRule rule) { rules_.push_back(std::move(rule)); }

void IqRegistry::add_feature(Addressee addressee, std::string_view var) {
  auto& features = about(addressee).features;
  if (std::ranges::find(features, var) == features.end()) features.emplace_back(var);
}

void IqRegistry::add_form(Addressee addressee, Element form) {
  about(addressee).forms.push_back(std::move(form));
}

void IqRegistry::add_identity(Addressee addressee, Identity identity) {
  about(addressee).identities.push_back(std::move(identity));
}

void IqRegistry::add_item(ServiceItem item) { items_.push_back(std::move(item)); }

void IqRegistry::on_response(std::string id_prefix,
                             std::function<void(std::size_t, const Element&)> handle) {
  responses_.push_back({std::move(id_prefix), std::move(handle)});
}

const IqRule* IqRegistry::find(Addressee addressee, const IqRequest& request) const {
  const Element& payload = request.payload();
  const IqRule* best = nullptr;
  for (const IqRule& rule : rules_) {
    if (rule.addressee != addressee || rule.ns != payload.ns()) continue;
    if (addressee == Addressee::account && !rule.others && !request.own()) continue;
    if (!payload.attr("node").starts_with(rule.node)) continue;
    if (best == nullptr || rule.node.size() >= best->node.size()) best = &rule;
  }
  return best;
}

void IqRegistry::respond(std::size_t shard, const Element& iq) const {
  for (const Response& response : responses_)
    if (iq.attr("id").starts_with(response.id_prefix)) return response.handle(shard, iq);
}

Element IqRegistry::disco_info(Addressee addressee) const {
  const About& about = addressee == Addressee::server ? server_ : account_;
  Element query("query", xmpp::ns::disco_info);
  for (const Identity& identity : about.identities) {
    Element& element = query.add("identity", xmpp::ns::disco_info);
    element.set_attr("category", identity.category).set_attr("type", identity.type);
    if (!identity.name.empty()) element.set_attr("name", identity.name);
  }
  for (const std::string& feature : about.features)
    query.add("feature", xmpp::ns::disco_info).set_attr("var", feature);
  for (const Element& form : about.forms) query.add(form);
  return query;
}

Element IqRegistry::disco_items() const {
  Element query("query", xmpp::ns::disco_items);
  for (const ServiceItem& item : items_) {
    Element& element = query.add("item", xmpp::ns::disco_items);
    element.set_attr("jid", item.jid).set_attr("name", item.name);
    if (!item.node.empty()) element.set_attr("node", item.node);
  }
  return query;
}

const std::string& IqRegistry::server_ver() const {
  std::call_once(ver_made_, [this] {
    const auto ver = xmpp::caps_ver(disco_info(Addressee::server));
    CHECK(ver);
    ver_ = *ver;
  });
  return ver_;
}

}  // namespace bridge
