// SPDX-License-Identifier: Apache-2.0
// Changing nick, XEP-0045 7.6. A nick is held by sessions: the one that asks moves; its sisters
// under the old nick stay there, and it may join its own under another.
#include "base/check.h"
#include "muc/people/names.h"
#include "muc/verbs/verbs.h"

namespace muc {
namespace {

Refusal gate(const Room& room, const Incoming& in, std::string_view nick) {
  if (!acceptable_nick(nick, room.world.config.limits.nick_bytes))
    return xmpp::StanzaError{xmpp::Condition::jid_malformed, "This nickname cannot be used."};
  if (auto refusal = first_refusal<&Feature::gate_nick>(room, in.from, nick)) return refusal;
  const Occupant* holder = room.occupants.by_nick(nick);
  if (holder != nullptr && holder->real() != in.from.bare())
    return xmpp::StanzaError{xmpp::Condition::conflict, "This nickname is in use."};
  return std::nullopt;
}

Session moved_session(const Incoming& in, const Room& room, const Session& before) {
  return {before.jid, before.id, relayed_presence(room, in.stanza), std::string(in.stanza.lang()),
          before.paced};
}

base::Payload own_presence(const Room& room, const Occupant& occupant, const Incoming& in) {
  Shape self{.codes = {Status::self_presence}, .id = in.stanza.attr("id")};
  if (nick_was_put_right(in)) self.codes.push_back(Status::nick_assigned);
  return render(room, occupant, self, room.sees_jids(occupant));
}

// The usual case: one session, one nick, another nick.
void rename(Turn& turn, const Incoming& in, Occupant& occupant) {
  Room& room = turn.room;
  const Shape gone{
      .codes = {Status::nick_changed}, .unavailable = true, .new_nick = in.to.resource()};
  Shape self_gone = gone;
  self_gone.codes.insert(self_gone.codes.begin(), Status::self_presence);
  const Variants old = render_both(room, occupant, gone);
  std::vector<base::Payload> own{render(room, occupant, self_gone, room.sees_jids(occupant))};

  occupant.sessions.front() = moved_session(in, room, occupant.sessions.front());
  room.occupants.rename(occupant, in.to);
  refresh(room, occupant);
  own.push_back(own_presence(room, occupant, in));
  turn.send(in.from, std::move(own));
  if (occupant.shown) turn.broadcast(old, occupant.number);
  tell_presence(turn, occupant);
}

// One session of several goes to a nick of its own, or one joins its sisters under theirs.
void move_session(Turn& turn, const Incoming& in, Occupant& from, Occupant* to) {
  CHECK(&from != to);
  Room& room = turn.room;
  const bool last = from.sessions.size() == 1;
  const Session before = *from.session(in.from);
  const bool was_primary = from.sessions[from.primary].jid == in.from;
  Shape gone{.codes = {Status::nick_changed}, .unavailable = true, .new_nick = in.to.resource()};
  // Where it goes to a sister whom the room hides, the others hear only that it is gone.
  const bool vanishes = to != nullptr && sight_of(room, *to) == Sight::hidden;
  const Variants old = render_both(room, from, vanishes ? Shape{.unavailable = true} : gone);
  gone.codes.insert(gone.codes.begin(), Status::self_presence);
  turn.send(in.from, render(room, from, gone, room.sees_jids(from), &before));

  const bool was_seen = last && from.shown;
  if (was_seen) turn.broadcast(old, from.number);  // heard by all but the one that moves

  Occupant fresh;
  fresh.jid = in.to;
  fresh.affiliation = from.affiliation;
  fresh.role = from.role;
  room.occupants.remove_session(from, in.from);
  Session session = moved_session(in, room, before);
  const bool joins_sisters = to != nullptr;
  if (joins_sisters) {
    room.occupants.add_session(*to, std::move(session));
  } else {
    fresh.number = room.next_occupant++;
    to = &room.occupants.add(std::move(fresh), std::move(session));
    refresh(room, *to);
  }
  turn.seat(*to, *to->session(in.from));
  if (!last && was_primary)
    announce(turn, from);  // the one that moved hears it too: its old nick is still there
  else if (!last && from.shown)
    turn.send(in.from, kept(room, from, room.sees_jids(*to)));
  note_size(turn);
  if (!joins_sisters)
    tell_presence(turn, *to);
  else if (was_seen)
    make_seen(turn, *to);
  turn.send(in.from, own_presence(room, *to, in));
  settle_sight(turn);
}

}  // namespace

void give_nick(Turn& turn, Occupant& occupant, const std::string& nick) {
  Room& room = turn.room;
  const bool sees_jids = room.sees_jids(occupant);
  for (const Session& session : occupant.sessions)
    turn.record(actor_of(occupant, session), record::NickChanged{occupant.nick(), nick});
  Shape gone{.codes = {Status::nick_changed}, .unavailable = true, .new_nick = nick};
  const Variants old = render_both(room, occupant, gone);
  gone.codes.insert(gone.codes.begin(), Status::self_presence);
  const base::Payload own_old = render(room, occupant, gone, sees_jids);

  room.occupants.rename(occupant, *room.jid.with_resource(nick));
  refresh(room, occupant);
  const Shape self{.codes = {Status::self_presence, Status::nick_assigned}};
  const base::Payload own = render(room, occupant, self, sees_jids);
  for (const Session& session : occupant.sessions) turn.send(session.jid, {own_old, own});
  if (!occupant.shown) return;
  turn.broadcast(old, occupant.number);
  turn.broadcast(render_both(room, occupant, {.codes = {Status::nick_assigned}}), occupant.number);
}

void change_nick(Turn& turn, const Incoming& in, Occupant& occupant) {
  Room& room = turn.room;
  const std::string_view nick = in.to.resource();
  if (const auto refusal = gate(room, in, nick)) return turn.refuse(in, *refusal);

  turn.record(actor_of(occupant, *occupant.session(in.from)),
              record::NickChanged{occupant.nick(), std::string(nick)});
  Occupant* own_other = room.occupants.by_nick(nick);
  if (own_other == nullptr && occupant.sessions.size() == 1)
    rename(turn, in, occupant);
  else
    move_session(turn, in, occupant, own_other);
}

}  // namespace muc
