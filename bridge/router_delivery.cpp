// SPDX-License-Identifier: Apache-2.0
// At the account a stanza is for, on its home shard: RFC 6121 §8.5.
#include "bridge/router_impl.h"
#include "xmpp/ns.h"

namespace bridge {

using xmpp::Condition;
using xmpp::Element;
using xmpp::Jid;

void Router::Impl::deliver(std::size_t shard, const Element& stanza, const Jid& to,
                           base::Receipt receipt) {
  switch (*kind_of(stanza)) {
    case Kind::message:
      return deliver_message(shard, stanza, to);
    case Kind::presence:
      return deliver_presence(shard, stanza, to);
    case Kind::iq:
      return deliver_iq(shard, stanza, to, std::move(receipt));
  }
}

void Router::Impl::deliver_message(std::size_t shard, const Element& stanza, const Jid& to) {
  std::vector<Candidate> candidates;
  const auto* resources = account(to);
  if (resources != nullptr)
    for (const auto& [session, presence] : *resources)
      candidates.push_back({session->available, session->priority, session->jid() == to});
  const MessageRoute way = route_message(message_type(stanza), !to.is_bare(), candidates);
  for (const std::size_t i : way.hears) (*resources)[i].session->send(stanza);
  if (way.refused) bounce(shard, stanza, Condition::service_unavailable);
}

void Router::Impl::deliver_presence(std::size_t shard, const Element& stanza, const Jid& to) {
  const auto type = presence_type(stanza);
  if (!type || (to.is_bare() && *type == PresenceType::error)) return;
  if (is_subscription(*type)) return bounce(shard, stanza, Condition::service_unavailable);
  if (*type == PresenceType::probe) return answer_probe(shard, stanza, to);
  if (to.is_bare()) {
    if (const auto* resources = account(to))
      for (const Resource& other : *resources)
        if (other.session->available) other.session->send(stanza);
    return;
  }
  Resource* resource = this->resource(to);
  if (resource == nullptr) return;  // §8.5.3.2.2
  // Whoever refused the presence is owed no farewell.
  if (*type == PresenceType::error)
    if (const auto from = Jid::parse(stanza.attr("from"))) resource->session->directed.erase(*from);
  resource->session->send(stanza);
}

// RFC 6121 §4.3.2: without a subscription only oneself may ask; all others get what they would get
// about an account that does not exist.
void Router::Impl::answer_probe(std::size_t shard, const Element& probe, const Jid& to) {
  const auto from = Jid::parse(probe.attr("from"));
  if (!from) return;
  if (from->bare_str() != to.bare_str()) {
    Element reply("presence", xmpp::ns::client);
    reply.set_attr("from", to.bare_str()).set_attr("to", from->bare_str());
    reply.set_attr("type", "unsubscribed");
    return dispatch(shard, std::move(reply), *from);
  }
  const Resource* asking = resource(*from);
  if (asking == nullptr) return;
  for (const Resource& other : *account(to))
    if (other.presence.bytes) asking->session->send(other.presence);
}

void Router::Impl::deliver_iq(std::size_t shard, const Element& stanza, const Jid& to,
                              base::Receipt receipt) {
  if (!to.is_bare()) {
    if (Resource* resource = this->resource(to)) return resource->session->send(stanza);
    return bounce(shard, stanza, Condition::service_unavailable);
  }
  if (!is_iq_request(stanza)) return;  // nobody asked: BI-STZ-04
  const auto from = Jid::parse(stanza.attr("from"));
  if (!from || stanza.first_child() == nullptr)
    return bounce(shard, stanza, Condition::service_unavailable);
  ask(Addressee::account, {shard, *from, to, stanza, std::move(receipt)});
}

void Router::Impl::ask(Addressee addressee, IqRequest request) {
  const IqRule* rule = iqs.find(addressee, request);
  if (rule == nullptr) return bounce(request.shard, request.iq, Condition::service_unavailable);
  if (request.payload().attr("node").size() > node_bytes_max)
    return bounce(request.shard, request.iq, Condition::bad_request);
  rule->handle(std::move(request));
}

void Router::Impl::to_server(std::size_t shard, const Element& stanza, base::Receipt receipt) {
  const Kind kind = *kind_of(stanza);
  if (kind == Kind::presence) {  // the server has no presence and wants none
    const auto type = presence_type(stanza);
    if (type && is_subscription(*type)) bounce(shard, stanza, Condition::service_unavailable);
    return;
  }
  if (kind == Kind::message) return bounce(shard, stanza, Condition::service_unavailable);
  if (!is_iq_request(stanza)) return iqs.respond(shard, stanza);
  const auto from = Jid::parse(stanza.attr("from"));
  if (!from || stanza.first_child() == nullptr)
    return bounce(shard, stanza, Condition::service_unavailable);
  ask(Addressee::server, {shard, *from, *Jid::parse(domain), stanza, std::move(receipt)});
}

}  // namespace bridge
