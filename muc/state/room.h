// SPDX-License-Identifier: Apache-2.0
// Room: the state of one room. Verbs (verbs.h) change it; what must follow from a change goes out
// as effects of a Turn. Nothing here acts and nothing asks for the time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/random.h"
#include "base/time.h"
#include "muc/history/archive.h"
#include "muc/history/history.h"
#include "muc/people/affiliations.h"
#include "muc/people/invitations.h"
#include "muc/people/occupant.h"
#include "muc/people/people.h"
#include "muc/people/voice_requests.h"
#include "muc/refusals.h"
#include "muc/service.h"
#include "muc/state/pacing.h"
#include "muc/state/settings.h"

namespace muc {

// What all rooms of a service share. Outlives them.
struct World {
  ServiceConfig config;
  base::Random& random;
  std::unique_ptr<Readings> readings = std::make_unique<Readings>(2);
  // A client that enters its rooms asks for the pictures of all of them.
  std::unique_ptr<Readings> vcard_readings = std::make_unique<Readings>(20);
  std::unique_ptr<Refusals> refusals = std::make_unique<Refusals>();
};

// Unconfigured: only its owner may be inside (XEP-0045 10.1.1).
extern const Setting<bool> locked;

struct Subject {
  std::string stanza;  // as recorded; "" if never set
  base::Time at;
};

// An IQ handed on from one occupant to another, waiting for its answer.
struct Relay {
  xmpp::Jid asker;        // real full JID
  xmpp::Jid asker_seen;   // its occupant JID at that time
  std::string asker_id;   // the id it used
  xmpp::Jid target;       // real full JID, the only one whose answer counts
  xmpp::Jid target_seen;  // its occupant JID as the asker wrote it
  base::Time at;
};

class Room {
 public:
  Room(const World& shared, xmpp::Jid room_jid, std::int64_t room_id, base::Time created);

  const World& world;
  xmpp::Jid jid;
  std::int64_t id;
  base::Time created_at;
  std::int64_t number = 0;  // of the last event

  Settings settings;
  Affiliations affiliations;
  People people;
  Occupants occupants;
  Subject subject;
  Ring ring;
  std::unordered_map<std::string, Relay> relays;  // by the id we gave
  Invitations invitations;
  PacedAccounts notices;  // by admins, to those whose affiliation changed while they were away
  PacedAccounts entries;  // how often accounts enter
  PacedAccounts registrations, hat_lists;  // how often they register, and change the list of hats
  VoiceRequests voice_requests;
  // Real full JIDs with a HistoryQuery under way. They may have left, and be back.
  std::unordered_set<xmpp::Jid> reading_history;
  OccupantNumber next_occupant = 1;
  bool shows_jids = false;  // to everybody; see refresh_settings
  bool destroyed = false;
  // Who is seen (verbs/sight.cpp).
  bool crowded = false;    // large_room_occupants was exceeded, and is not far below yet
  bool unsettled = false;  // some are shown who are not to be, or the other way round
  base::Time settling{};   // how often some of those are told
  std::optional<base::Time> empty_since;

  // Whether so many more entries about people may be kept: affiliations and what else there is.
  bool has_place_for(std::size_t more) const;
  // Administrators of the service count as owners.
  Affiliation affiliation_of(const xmpp::Jid& real) const;
  bool sees_jids(const Occupant& occupant) const {
    return shows_jids || occupant.role == Role::moderator;
  }
  // XEP-0421.
  std::string occupant_id(const Occupant& occupant) const;
  std::string stanza_id(std::int64_t event_number) const;  // XEP-0359
  // The number of the event that a stanza id names; nullopt if it is no id of this room's.
  std::optional<std::int64_t> number_named(std::string_view named) const;
  // Whether the event is the subject that stands: it can be changed, not taken back.
  bool is_current_subject(std::int64_t event_number) const;
  // After settings changed: what is derived from them.
  void refresh_settings();
};

}  // namespace muc
