// SPDX-License-Identifier: Apache-2.0
// Affiliations of a room: long-lived, by bare JID or by a whole domain (XEP-0045 5.2, 9.2). "none"
// is not kept. The more specific entry wins: user@domain before domain.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/codes.h"
#include "xmpp/jid.h"

namespace muc {

class Affiliations {
 public:
  struct Entry {
    record::Affiliation affiliation = record::Affiliation::none;
    std::string nick;  // reserved nick, "" = none
  };

  record::Affiliation of(const xmpp::Jid& real) const;        // bare or full; domain entries count
  const Entry* entry(const xmpp::Jid& bare_or_domain) const;  // exactly this one, null if none
  void set(const xmpp::Jid& bare_or_domain, record::Affiliation value, std::string nick = {});
  // Where they stand, in order of their JIDs: valid until the next set().
  std::vector<const std::pair<xmpp::Jid, Entry>*> listed(record::Affiliation value) const;
  // Who reserved the nick; null if nobody.
  const xmpp::Jid* holder_of(std::string_view nick) const;
  // Whether somebody other than this account reserved a nick that may be taken for one with these
  // looks (xmpp/nickname.h).
  bool taken_for_another(const std::vector<std::string>& looks, const xmpp::Jid& account) const;
  std::size_t count(record::Affiliation value) const;
  std::size_t size() const { return entries_.size(); }

 private:
  void erase(const std::string& key);

  std::map<std::string, std::pair<xmpp::Jid, Entry>, std::less<>> entries_;
  std::map<std::string, xmpp::Jid, std::less<>> nicks_;  // reserved nick → whose
  // What they look like → whose: a room that did not mind may have several that look alike.
  std::multimap<std::string, xmpp::Jid, std::less<>> looks_;
};

}  // namespace muc
