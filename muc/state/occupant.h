// SPDX-License-Identifier: Apache-2.0
// Occupant: somebody in a room, known by nick, with one or more sessions (XEP-0045 7.2.8: the same
// bare JID may hold its nick from several clients). Occupants: all of a room, in order of entry.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/payload.h"
#include "muc/effect.h"
#include "record/codes.h"
#include "xmpp/jid.h"

namespace muc {

using record::Affiliation;
using record::Role;

struct Session {
  xmpp::Jid jid;      // real full JID
  std::string id;     // names this stay in the record
  std::string extra;  // children of its last presence, canonical
  std::string lang;
};

struct Occupant {
  OccupantNumber number = 0;
  xmpp::Jid jid;  // occupant JID: room@service/nick
  Affiliation affiliation = Affiliation::none;
  Role role = Role::none;
  std::vector<Session> sessions;
  std::size_t primary = 0;  // whose presence stands for the occupant
  std::string occupant_id;  // XEP-0421
  base::Payload with_jid;   // its presence as others see it, ready to send
  base::Payload without_jid;

  std::string nick() const { return std::string(jid.resource()); }
  xmpp::Jid real() const { return sessions[primary].jid.bare(); }
  const Session* session(const xmpp::Jid& real) const;
  Session* session(const xmpp::Jid& real);
};

class Occupants {
 public:
  Occupant* by_nick(std::string_view nick) const;     // null if nobody
  Occupant* by_session(const xmpp::Jid& real) const;  // real full JID; null if not here
  // All occupants of a bare JID or of a domain.
  std::vector<Occupant*> of(const xmpp::Jid& bare_or_domain) const;

  Occupant& add(Occupant occupant, Session first);
  void add_session(Occupant& occupant, Session session);
  // Takes the session away, and the occupant with it when it was the last: then `occupant` is gone.
  void remove_session(Occupant& occupant, const xmpp::Jid& real);
  void rename(Occupant& occupant, xmpp::Jid new_jid);
  void clear();

  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::vector<std::unique_ptr<Occupant>> all_;
  std::unordered_map<std::string, Occupant*> nicks_;
  std::unordered_map<xmpp::Jid, Occupant*> sessions_;
};

}  // namespace muc
