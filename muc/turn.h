// SPDX-License-Identifier: Apache-2.0
// Turn: one input to one room, and the effects that come of it. Lives only while the input is
// handled.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/receipt.h"
#include "muc/effect.h"
#include "muc/state/room.h"
#include "muc/state/status.h"
#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/jid.h"

namespace muc {

// A stanza to a room or to an occupant of it, its addresses already read.
struct Incoming {
  xmpp::Element stanza;
  xmpp::Jid from;  // real, as the server vouches for
  xmpp::Jid to;    // its nick prepared (RFC 8266): not always as it was written
  base::Receipt receipt = {};
};

// nullopt if an address is missing or cannot be read.
std::optional<Incoming> read_incoming(xmpp::Element stanza);

// Whether it was addressed to the nick as somebody may write it, not as it can be held.
bool nick_was_put_right(const Incoming& in);

// The same stanza for those who may see real JIDs and for those who may not.
struct Variants {
  base::Payload with_jids, without_jids;
};

class Turn {
 public:
  Turn(Room& subject, base::Time time, Effects& out) : room(subject), now(time), effects(out) {}

  Room& room;
  const base::Time now;
  Effects& effects;

  // A room event: takes the next number, which is returned.
  std::int64_t record(record::Actor actor, record::Body body);
  // A read: notes the room's number.
  record::Event read_event(record::Actor actor, record::Body body) const;

  void send(const xmpp::Jid& to, const xmpp::Element& stanza);
  void send(const xmpp::Jid& to, base::Payload stanza);
  void send(const xmpp::Jid& to, std::vector<base::Payload> stanzas);
  // The error to its sender, which is noted (refusals.h).
  void refuse(const Incoming& in, const xmpp::StanzaError& error);
  void answer(const Incoming& in, xmpp::Element payload);  // result with a payload
  // The same with what is on record as given out.
  void answer_read(const Incoming& in, xmpp::Element payload, record::ListRead read);
  void answer(const Incoming& in);  // empty result

  void broadcast(Variants variants, std::optional<OccupantNumber> except = {});
  void broadcast(const base::Payload& same, std::optional<OccupantNumber> except = {});
  void seat(const Occupant& occupant);  // all its sessions
  void seat(const Occupant& occupant, const Session& session);
  void unseat(const xmpp::Jid& session);
};

// An error of the room's own making (or whatever else `reply` is), and noted as such.
Send as_refusal(const xmpp::Jid& to, const xmpp::Element& reply);

// Who did something, for the record.
record::Actor actor_of(const Occupant& occupant, const Session& session);
// Somebody who need not be inside: an owner at the configuration form, say.
record::Actor actor_of(const Room& room, const xmpp::Jid& real);

}  // namespace muc
