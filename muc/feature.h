// SPDX-License-Identifier: Apache-2.0
// Feature: a rule of a room beyond the core, in one file under features/, named in features.def.
// Its hooks are typed function pointers; those it does not need stay null. gate_* may refuse and
// have no effects; on_* may add effects and cannot refuse; the others only describe or decorate.
// Gates run in the order of features.def, the first refusal wins.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muc/state/room.h"
#include "muc/state/status.h"
#include "xmpp/data_form.h"
#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"

namespace muc {

class Turn;
struct Incoming;

using Refusal = std::optional<xmpp::StanzaError>;

// Somebody at the door.
struct Join {
  xmpp::Jid real;  // full JID
  std::string nick;
  Affiliation affiliation = Affiliation::none;
  std::string password;
};

enum class Sight : std::uint8_t { shown, when_it_speaks, hidden };
struct Reservation {
  std::string_view nick;
  xmpp::Jid account;  // bare JID
};

struct DiscoInfo {
  std::string name;
  std::vector<std::string> features;
  std::vector<xmpp::FormField> roominfo;
};

// What the room gives to something said to everybody.
struct Stamp {
  std::string id;    // XEP-0359
  bool kept = true;  // it goes into the room's archive
};

// An element in messages that a feature knows about.
struct Payload {
  std::string_view ns;
  std::string_view name = {};  // "": every element of the namespace
  // Whether a message is worth keeping for having it. What no feature knows about is.
  bool kept = true;
};

struct Feature {
  std::string_view name;
  std::string_view spec;
  std::span<const AnySetting> settings = {};
  std::span<const Payload> payloads = {};

  // What disco#info on the room says.
  void (*disco)(const Room&, DiscoInfo&) = nullptr;

  // May this person be in the room at all? Also asked before anything about a room is told.
  Refusal (*gate_access)(const Room&, const xmpp::Jid& real, Affiliation) = nullptr;
  // May this person, who is not inside, read what was said there? Asked besides gate_access.
  Refusal (*gate_reading)(const Room&, const xmpp::Jid& real, Affiliation) = nullptr;
  // May this person enter now, like this?
  Refusal (*gate_join)(const Room&, const Join&) = nullptr;
  // The nick that the room gives somebody on entry instead of the one asked for (status 210); the
  // first that says one decides.
  std::optional<std::string> (*assign_nick)(const Room&, const xmpp::Jid& real,
                                            std::string_view wanted) = nullptr;
  // May this person have this nick? For entering and for changing it.
  Refusal (*gate_nick)(const Room&, const xmpp::Jid& real, std::string_view nick) = nullptr;
  // May this nick be reserved for this account (bare JID)?
  Refusal (*gate_reservation)(const Room&, const xmpp::Jid& account,
                              std::string_view nick) = nullptr;
  // May these all be reserved, asked for in one list?
  Refusal (*gate_reservations)(const Room&, const std::vector<Reservation>&) = nullptr;
  Refusal (*gate_message)(const Room&, const Occupant&, const xmpp::Element&) = nullptr;
  Refusal (*gate_subject)(const Room&, const Occupant&) = nullptr;
  Refusal (*gate_private_message)(const Room&, const Occupant& from, const Occupant& to) = nullptr;
  // May this occupant invite people? (XEP-0045 7.8.2)
  Refusal (*gate_invitation)(const Room&, const Occupant& inviter) = nullptr;
  // Do these settings fit together?
  Refusal (*gate_config)(const Room&, const Settings& proposed) = nullptr;

  // The role somebody enters with; each may lower or raise what the ones before said.
  Role (*initial_role)(const Room&, const xmpp::Jid& real, Affiliation, Role so_far) = nullptr;
  // Whether real JIDs are shown to everybody.
  bool (*shows_jids)(const Room&) = nullptr;
  // How far the others see this occupant.
  Sight (*sight)(const Room&, const Occupant&) = nullptr;
  // Status codes of the self-presence of one who enters.
  void (*entry_codes)(const Room&, Codes&) = nullptr;

  // Takes out of a stanza what the room does not relay, whatever it is.
  void (*filter)(const Room&, xmpp::Element& stanza) = nullptr;
  void (*decorate_presence)(const Room&, const Occupant&, xmpp::Element& presence) = nullptr;
  void (*decorate_message)(const Room&, const Occupant&, const Stamp&,
                           xmpp::Element& message) = nullptr;
  void (*decorate_private_message)(const Room&, const Occupant& from,
                                   xmpp::Element& message) = nullptr;

  // Changes what an occupant says to everybody before it is told or recorded.
  void (*amend_message)(const Room&, const Occupant&, xmpp::Element& message) = nullptr;
  // It was recorded and is about to be told; what it leads to is recorded with it.
  void (*on_message)(Turn&, const Incoming&, const Occupant&,
                     const xmpp::Element& message) = nullptr;

  // What an invitation says besides who invites, and why: a message with <x xmlns='…muc#user'/>.
  // Each sees what the ones before it said.
  void (*decorate_invitation)(const Room&, xmpp::Element& message) = nullptr;

  // Effects after the core's own.
  void (*on_joined)(Turn&, Occupant&) = nullptr;
  void (*on_left)(Turn&) = nullptr;
  void (*on_config)(Turn&, const Settings& before) = nullptr;
  // Somebody inside was given another role, not by an affiliation; recorded, not told yet.
  void (*on_role)(Turn&, const record::Actor&, const Occupant&, const Role& now) = nullptr;
  // The affiliation of a bare JID or a domain is another; recorded, nobody inside has it yet.
  void (*on_affiliation)(Turn&, const record::Actor&, const xmpp::Jid& target) = nullptr;

  // Whether the room is not to be found by those who may not enter.
  bool (*hides)(const Room&) = nullptr;

  // An IQ get or set of an occupant to its own occupant JID; true if it was answered.
  bool (*handle_own_iq)(Turn&, const Incoming&) = nullptr;
  // An IQ get or set to the room itself; true if it was answered.
  bool (*handle_iq)(Turn&, const Incoming&) = nullptr;
  // disco#info on a node of the room; true if it was answered.
  bool (*handle_node)(Turn&, const Incoming&, std::string_view node) = nullptr;
  // A message to the room's bare JID that is neither for everybody nor an error; true if it has
  // been dealt with.
  bool (*handle_message)(Turn&, const Incoming&) = nullptr;
};

// In the order of features.def.
std::span<const Feature* const> all_features();

// The setting that a form field or a stored key names; null if nobody declared it.
const AnySetting* find_setting(std::string_view var);

// Whether a message is worth keeping for this child of it.
bool worth_keeping(const xmpp::Element& child);

// The first refusal of the gate, with what is given to it.
template <auto Gate, class... Args>
Refusal first_refusal(const Args&... args) {
  for (const Feature* feature : all_features())
    if (const auto gate = feature->*Gate; gate != nullptr)
      if (auto refusal = gate(args...)) return refusal;
  return std::nullopt;
}

// Calls the hook of every feature that has it.
template <auto Hook, class... Args>
void for_each_hook(Args&... args) {
  for (const Feature* feature : all_features())
    if (const auto hook = feature->*Hook; hook != nullptr) hook(args...);
}

}  // namespace muc
