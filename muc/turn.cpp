// SPDX-License-Identifier: Apache-2.0
#include "muc/turn.h"

#include "muc/refusals.h"
#include "xmpp/nickname.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {

std::optional<Incoming> read_incoming(xmpp::Element stanza) {
  auto from = xmpp::Jid::parse(stanza.attr("from"));
  auto to = xmpp::Jid::parse(stanza.attr("to"));
  if (!from || !to) return std::nullopt;
  if (!to->is_bare())
    if (const auto nick = xmpp::enforce_nickname(to->resource()); nick && *nick != to->resource())
      to = to->with_resource(*nick);
  if (!to) return std::nullopt;
  return Incoming{std::move(stanza), std::move(*from), std::move(*to)};
}

bool nick_was_put_right(const Incoming& in) {
  const auto asked = xmpp::Jid::parse(in.stanza.attr("to"));
  return asked && asked->resource() != in.to.resource();
}

std::int64_t Turn::record(record::Actor actor, record::Body body) {
  const std::int64_t number = ++room.number;
  effects.emplace_back(Record{{now, room.id, number, std::move(actor), std::move(body)}});
  return number;
}

record::Event Turn::read_event(record::Actor actor, record::Body body) const {
  return {now, room.id, room.number, std::move(actor), std::move(body)};
}

void Turn::send(const xmpp::Jid& to, const xmpp::Element& stanza) {
  send(to, xmpp::to_payload(stanza, xmpp::ns::client));
}

void Turn::send(const xmpp::Jid& to, base::Payload stanza) {
  send(to, std::vector<base::Payload>{std::move(stanza)});
}

void Turn::send(const xmpp::Jid& to, std::vector<base::Payload> stanzas) {
  if (!stanzas.empty()) effects.emplace_back(Send{to, std::move(stanzas)});
}

void Turn::refuse(const Incoming& in, const xmpp::StanzaError& error) {
  if (const auto reply = xmpp::error_reply(in.stanza, error))
    effects.emplace_back(as_refusal(in.from, *reply));
  note_refusal(*this, in, error.condition);
}

void Turn::answer(const Incoming& in, xmpp::Element payload) {
  xmpp::Element result = xmpp::iq_result(in.stanza);
  result.add(std::move(payload));
  send(in.from, result);
}

void Turn::answer_read(const Incoming& in, xmpp::Element payload, record::ListRead read) {
  answer(in, std::move(payload));
  std::get<Send>(effects.back()).read = std::make_shared<const record::Event>(
      read_event(actor_of(std::as_const(room), in.from), std::move(read)));
}

void Turn::answer(const Incoming& in) { send(in.from, xmpp::iq_result(in.stanza)); }

void Turn::broadcast(Variants variants, std::optional<OccupantNumber> except) {
  if (variants.with_jids.bytes == nullptr && variants.without_jids.bytes == nullptr) return;
  effects.emplace_back(
      Broadcast{std::move(variants.with_jids), std::move(variants.without_jids), except});
}

void Turn::broadcast(const base::Payload& same, std::optional<OccupantNumber> except) {
  broadcast(Variants{same, same}, except);
}

void Turn::seat(const Occupant& occupant) {
  for (const auto& session : occupant.sessions) seat(occupant, session);
}

void Turn::seat(const Occupant& occupant, const Session& session) {
  effects.emplace_back(Seat{session.jid, occupant.number, room.sees_jids(occupant)});
}

void Turn::unseat(const xmpp::Jid& session) { effects.emplace_back(Unseat{session}); }

Send as_refusal(const xmpp::Jid& to, const xmpp::Element& reply) {
  Send send{to, {xmpp::to_payload(reply, xmpp::ns::client)}};
  send.refusal = xmpp::condition_of(reply);
  return send;
}

record::Actor actor_of(const Occupant& occupant, const Session& session) {
  return {session.jid, session.id, occupant.affiliation, occupant.role};
}

record::Actor actor_of(const Room& room, const xmpp::Jid& real) {
  const Occupant* occupant = room.occupants.by_session(real);
  if (occupant != nullptr) return actor_of(*occupant, *occupant->session(real));
  return {real, {}, room.affiliation_of(real), Role::none};
}

}  // namespace muc
