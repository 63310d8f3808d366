// SPDX-License-Identifier: Apache-2.0
#include "muc/refusals.h"

#include <string_view>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/utf8.h"
#include "muc/state/room.h"
#include "muc/turn.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Element;

constexpr std::string_view join = "join";

std::string_view of_presence(const Room* room, const Incoming& in) {
  if (!in.stanza.attr("type").empty()) return "presence";
  const Occupant* occupant = room == nullptr ? nullptr : room->occupants.by_session(in.from);
  if (occupant == nullptr) return join;
  return occupant->jid == in.to ? "presence" : "nick";
}

std::string_view of_message(const Incoming& in) {
  const auto type = in.stanza.attr("type");
  if (type == "error") return {};
  if (!in.to.is_bare()) return "private";
  if (type == "groupchat") {
    if (is_subject_change(in.stanza)) return "subject";
    return in.stanza.child("retract", xmpp::ns::message_retract) != nullptr ? "retraction"
                                                                            : "message";
  }
  if (has_invitation_part(in.stanza, "invite")) return "invitation";
  if (has_invitation_part(in.stanza, "decline")) return "decline";
  return in.stanza.child("x", xmpp::ns::data_form) != nullptr ? "voice" : "message";
}

std::string_view of_iq(const Incoming& in) {
  struct Known {
    std::string_view name, ns, about;
    bool set_only = false;
  };
  static constexpr Known known[] = {
      {"query", xmpp::ns::muc_admin, "administration"},
      {"query", xmpp::ns::muc_owner, "configuration"},
      {"query", xmpp::ns::registration, "registration"},
      {"query", xmpp::ns::mam, "archive"},
      {"moderate", xmpp::ns::message_moderate, "moderation"},
      {"command", xmpp::ns::commands, "command"},
      {"vCard", xmpp::ns::vcard, "vcard", true},
  };
  if (!in.to.is_bare()) return {};
  for (const auto& one : known)
    if (in.stanza.child(one.name, one.ns) != nullptr &&
        (!one.set_only || in.stanza.attr("type") == "set"))
      return one.about;
  return {};
}

// What was refused; "": nothing that is noted.
std::string_view about(const Room* room, const Incoming& in) {
  if (in.stanza.name() == "presence") return of_presence(room, in);
  return in.stanza.name() == "message" ? of_message(in) : of_iq(in);
}

// Forms may have passwords in them, and presence that of the room.
bool may_hold_secrets(std::string_view what) {
  return what == "configuration" || what == "registration" || what == "command" ||
         what == "presence" || what == "nick";
}

record::Body body_of(const Incoming& in, std::string_view what, xmpp::Condition why) {
  const std::string to(in.stanza.attr("to"));
  if (what == join) return record::JoinRefused{std::string(xmpp::name(why)), to};
  record::MessageRejected rejected{std::string(xmpp::name(why)), std::string(what), 0, to};
  std::string stanza = xmpp::to_xml(in.stanza, xmpp::ns::client);
  rejected.bytes = static_cast<std::int64_t>(stanza.size());
  // An invitation of either kind may carry the room's password, wherever it stands. In texts these
  // characters are escaped.
  const bool password = stanza.find("<password") != std::string::npos ||
                        stanza.find(" password=") != std::string::npos;
  if (password || may_hold_secrets(what)) return rejected;
  if (stanza.size() > Refusals::stanza_bytes) {
    rejected.stanza_sha256 = base::hex(base::as_chars(base::sha256_parts({stanza})));
    stanza.resize(base::cut_utf8(stanza, Refusals::stanza_bytes).size());
  }
  rejected.stanza = std::move(stanza);
  return rejected;
}

void append(Effects& effects, std::vector<record::Event> events) {
  for (auto& event : events) effects.emplace_back(Aside{std::move(event)});
}

}  // namespace

void Refusals::note(const Room* room, const Incoming& in, xmpp::Condition why, base::Time now,
                    Effects& effects) {
  const std::string_view what = about(room, in);
  if (what.empty()) return;
  record::Event event;
  event.at = now;
  event.body = body_of(in, what, why);
  if (room == nullptr) {
    event.actor.jid = in.from;
  } else {
    event.room_id = room->id;
    event.number = room->number;
    event.actor = actor_of(*room, in.from);
  }
  // A JID has neither of these.
  std::string key = std::to_string(event.room_id) + (what == join ? '\n' : '\t');
  key += in.from.bare_str();
  append(effects, by_rate_.add(std::move(key), std::move(event), now));
}

Effects Refusals::due(base::Time now) {
  Effects effects;
  append(effects, by_rate_.due(now));
  return effects;
}

Effects Refusals::all() {
  Effects effects;
  append(effects, by_rate_.all());
  return effects;
}

void note_refusal(Turn& turn, const Incoming& in, xmpp::Condition why) {
  turn.room.world.refusals->note(&turn.room, in, why, turn.now, turn.effects);
}

}  // namespace muc
