// SPDX-License-Identifier: Apache-2.0
// At the account a stanza is for, on its home shard: RFC 6121 §8.5.
#include <algorithm>

#include "bridge/router_impl.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"

namespace bridge {

using xmpp::Condition;
using xmpp::Element;
using xmpp::Jid;

namespace {

// XEP-0203. One of ours that is there already says more.
void add_delay(Element& message, const std::string& domain, base::Time stamp) {
  bool has_one = false;
  message.for_each_child([&](const Element& child) {
    has_one = has_one || (child.is("delay", xmpp::ns::delay) && child.attr("from") == domain);
  });
  if (has_one) return;
  Element& delay = message.add("delay", xmpp::ns::delay);
  delay.set_attr("from", domain).set_attr("stamp", xmpp::format_datetime(stamp));
}

}  // namespace

void Router::Impl::deliver(std::size_t shard, const Element& stanza, const Jid& to,
                           base::Receipt receipt) {
  if (conversations == nullptr || !from_client(stanza))
    return deliver_now(shard, stanza, to, std::move(receipt));
  conversations->pass(shard, stanza, to, heard(stanza, to),
                      [this, shard, stanza, to,
                       receipt = std::move(receipt)](const Conversations::Verdict& verdict) {
                        if (verdict.error) return bounce(shard, stanza, *verdict.error);
                        if (verdict.archive_id.empty())
                          return deliver_now(shard, stanza, to, receipt);
                        Element known = stanza;  // XEP-0313: whoever may read the archive learns it
                        known.add("stanza-id", xmpp::ns::stanza_id)
                            .set_attr("by", to.bare_str())
                            .set_attr("id", verdict.archive_id);
                        deliver_now(shard, known, to, receipt);
                      });
}

bool Router::Impl::from_client(const Element& stanza) const {
  const auto from = Jid::parse(stanza.attr("from"));
  return from && is_account(*from) && !from->is_bare();
}

bool Router::Impl::heard(const Element& stanza, const Jid& to) const {
  return *kind_of(stanza) == Kind::message && !way(stanza, to).hears.empty();
}

void Router::Impl::deliver_now(std::size_t shard, const Element& stanza, const Jid& to,
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

std::vector<Candidate> Router::Impl::candidates(const Jid& to) const {
  std::vector<Candidate> all;
  if (const auto* resources = account(to))
    for (const auto& [session, presence] : *resources)
      all.push_back({session->available, session->priority, session->jid() == to});
  return all;
}

MessageRoute Router::Impl::way(const Element& message, const Jid& to) const {
  return route_message(message_type(message), !to.is_bare(), candidates(to));
}

void Router::Impl::deliver_message(std::size_t shard, const Element& stanza, const Jid& to) {
  const MessageRoute route = way(stanza, to);
  for (const std::size_t i : route.hears) (*account(to))[i].session->send(stanza);
  if (route.refused) bounce(shard, stanza, Condition::service_unavailable);
}

// Whether a message to the account that `gone` was sent at `at` reached another resource then: one
// that came before it or was its equal, as far as both are what they were. When in doubt not:
// better twice than never.
bool Router::Impl::was_heard(const Jid& to, const Session& gone, base::Time at) const {
  const auto* resources = account(to);
  if (resources == nullptr || gone.unchanged_since >= at) return false;
  return std::any_of(resources->begin(), resources->end(), [&](const Resource& r) {
    const Session& other = *r.session;
    return other.available && other.priority >= std::max(gone.priority, 0) &&
           other.unchanged_since < at;
  });
}

void Router::Impl::undelivered(std::size_t shard, const Session& gone, base::Time at,
                               base::Time stamp, Element message) {
  const MessageType type = message_type(message);
  const auto from = Jid::parse(message.attr("from")), to = Jid::parse(message.attr("to"));
  if (!from || !to || (type != MessageType::chat && type != MessageType::normal)) return;
  // An occupant's private message is for the occupant alone, who has left the room by now.
  if (!from->is_bare() && services.contains(from->domain())) return;
  if (to->is_bare() && was_heard(*to, gone, at)) return;
  const MessageRoute route = way(message, *to);
  if (route.refused) return bounce(shard, message, Condition::recipient_unavailable);
  add_delay(message, domain, stamp);
  for (const std::size_t i : route.hears) (*account(*to))[i].session->send(message);
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
