// SPDX-License-Identifier: Apache-2.0
// Occupant: somebody in a room, known by nick, with one or more sessions (XEP-0045 7.2.8: the same
// bare JID may hold its nick from several clients). Occupants: all of a room, in order of entry.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/payload.h"
#include "base/time.h"
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
  base::Time paced{};  // how often it changes its presence or nick (state/pacing.h)
};

struct Occupant {
  OccupantNumber number = 0;
  std::uint32_t primary = 0;  // whose presence stands for the occupant
  xmpp::Jid jid;              // occupant JID: room@service/nick
  Affiliation affiliation = Affiliation::none;
  Role role = Role::none;
  bool shown = false;              // the others know of it (verbs/sight.cpp)
  std::vector<std::size_t> looks;  // hashes of what its nick may be taken for (xmpp/nickname.h)
  std::uint32_t jid_at = 0;        // where in `presence` the real JID stands or would stand
  std::vector<Session> sessions;
  base::Payload presence;  // as an ordinary occupant of this room sees it, ready to send (render.h)

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

  // Whether somebody other than this account has a nick that may be taken for one with these looks;
  // by their hashes, which is close enough.
  bool taken_for_another(const std::vector<std::string>& looks, const xmpp::Jid& real) const;

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
  // By the hash of the key; the key itself stands in the occupant.
  using Index = std::unordered_multimap<std::size_t, Occupant*>;
  static void erase(Index& index, std::size_t key, const Occupant& occupant);
  void index_nick(Occupant& occupant);
  void forget_nick(const Occupant& occupant);

  std::vector<std::unique_ptr<Occupant>> all_;
  Index nicks_, sessions_, looks_;
};

}  // namespace muc
