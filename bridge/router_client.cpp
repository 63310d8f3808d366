// SPDX-License-Identifier: Apache-2.0
// What a client sends: RFC 6120 §10.3 (no address), RFC 6121 §4 (presence, own and directed).
#include "bridge/router_impl.h"
#include "xmpp/ns.h"
#include "xmpp/sanitise.h"
#include "xmpp/writer.h"

namespace bridge {
namespace {

using xmpp::Condition;
using xmpp::Element;
using xmpp::Jid;
using xmpp::StanzaError;

// Addresses that one session may owe an `unavailable`: memory, and one stanza each at its end.
constexpr std::size_t directed_max = 5000;

void refuse(Session& session, const Element& stanza, const StanzaError& error) {
  if (const auto reply = refusal(stanza, error)) session.send(*reply);
}

std::optional<Jid> address(Session& session, Element& stanza) {
  auto to = Jid::parse(stanza.attr("to"));
  if (to) return to;
  stanza.remove_attr("to");  // RFC 6120 §8.3.1 rule 2: the answer carries no malformed address
  refuse(session, stanza, Condition::jid_malformed);
  return std::nullopt;
}

}  // namespace

void Router::Impl::message(std::size_t shard, Session& session, Element stanza,
                           base::Receipt receipt) {
  if (stanza.find_attr("to") == nullptr)
    stanza.set_attr("to", session.jid().bare_str());  // RFC 6120 §10.3.1
  const auto to = address(session, stanza);
  if (!to) return;
  if (is_account(*to)) xmpp::strip_forged(stanza, to->bare());
  dispatch(shard, std::move(stanza), *to, std::move(receipt));
}

void Router::Impl::iq(std::size_t shard, Session& session, Element stanza, base::Receipt receipt) {
  if (stanza.find_attr("to") == nullptr) {  // RFC 6120 §10.3.3
    if (is_iq_request(stanza))
      ask(Addressee::account,
          {shard, session.jid(), session.jid().bare(), std::move(stanza), std::move(receipt)});
    return;
  }
  if (const auto to = address(session, stanza))
    dispatch(shard, std::move(stanza), *to, std::move(receipt));
}

void Router::Impl::presence(std::size_t shard, Session& session, Element stanza,
                            base::Receipt receipt) {
  const PresenceType type = *presence_type(stanza);
  if (stanza.find_attr("to") != nullptr)
    return directed_presence(shard, session, std::move(stanza), type, std::move(receipt));
  if (type == PresenceType::available || type == PresenceType::unavailable)
    return own_presence(session, stanza, type);
  refuse(session, stanza, {Condition::bad_request, "This presence needs an address."});
}

void Router::Impl::own_presence(Session& session, const Element& stanza, PresenceType type) {
  const Jid jid = session.jid();
  Element shown = stanza;
  xmpp::strip_forged(shown, jid.bare());
  Resource& own = *resource(jid);
  const base::Time now = shards[home(jid)].now();
  if (type == PresenceType::unavailable) {
    tell_own(jid, shown);
    if (std::exchange(session.available, false)) session.unchanged_since = now;
    own.presence = {};
    farewell(jid, std::exchange(session.directed, {}));
    if (watcher != nullptr) watcher->on_unavailable(jid);
    return;
  }
  const bool initial = !std::exchange(session.available, true);
  const int priority = *presence_priority(stanza);
  if (std::exchange(session.priority, priority) != priority || initial)
    session.unchanged_since = now;
  own.presence = xmpp::to_payload(shown, xmpp::ns::client);
  // RFC 6121 §4.2.2: everybody is subscribed to their own presence, this resource included.
  for (const Resource& other : *account(jid)) {
    if (!other.session->available) continue;
    other.session->send(own.presence);
    if (initial && other.session->jid() != jid && other.presence.bytes)
      session.send(other.presence);
  }
  if (watcher != nullptr) watcher->on_available(jid, shown, initial);
}

// Who is told at the end. A room once, whatever nicks were asked for in it.
Jid Router::Impl::owed_to(const Jid& to) const {
  return to.domain() != domain && to.has_local() && is_ours(to.domain()) ? to.bare() : to;
}

void Router::Impl::directed_presence(std::size_t shard, Session& session, Element stanza,
                                     PresenceType type, base::Receipt receipt) {
  const auto to = address(session, stanza);
  if (!to) return;
  // There are no subscriptions. RFC 6121 §3.1.2 stamps them with the bare JID, to which no error
  // would ever come back: here the answer is given at once, and a service gets the full JID.
  if (is_subscription(type) && to->domain() == domain)
    return refuse(session, stanza, Condition::service_unavailable);
  if (type == PresenceType::available) {
    if (session.directed.size() >= directed_max && !session.directed.contains(owed_to(*to)))
      return refuse(session, stanza, {xmpp::ErrorType::wait, Condition::resource_constraint});
    session.directed.insert(owed_to(*to));
  } else if (type == PresenceType::unavailable) {
    session.directed.erase(owed_to(*to));
  }
  if (is_account(*to)) xmpp::strip_forged(stanza, to->bare());
  dispatch(shard, std::move(stanza), *to, std::move(receipt));
}

void Router::Impl::farewell(const Jid& from, std::unordered_set<Jid> directed) {
  for (const Jid& to : directed) {
    Element gone("presence", xmpp::ns::client);
    gone.set_attr("from", from.str()).set_attr("to", to.str()).set_attr("type", "unavailable");
    dispatch(home(from), std::move(gone), to);
  }
}

void Router::Impl::tell_own(const Jid& from, const Element& presence) {
  const auto* resources = account(from);
  if (resources == nullptr) return;
  const base::Payload payload = xmpp::to_payload(presence, xmpp::ns::client);
  for (const Resource& resource : *resources)
    if (resource.session->available) resource.session->send(payload);
}

}  // namespace bridge
