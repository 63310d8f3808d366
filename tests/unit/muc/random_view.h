// SPDX-License-Identifier: Apache-2.0
// What a client believes of a room, from nothing but the stanzas that it got.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xmpp/element.h"

namespace tests::reference {

struct View {
  std::string self;                                                   // its own nick; "": outside
  std::map<std::string, std::pair<std::string, std::string>> people;  // nick → role, affiliation
  std::string subject;
  std::vector<std::string> strangers;  // who is said to have gone and was never there
  std::vector<int> heard;              // what messages say (said_in), the history first

  // From the room or one of its occupants.
  void take(const xmpp::Element& stanza, const std::string& nick);
};

// Whether the presence has this status code.
bool has_status(const xmpp::Element& presence, const std::string& code);
// What a message to everybody says: the number in its body, or one of these; nothing else counts.
inline constexpr int retraction = 0, tombstone = -1, new_subject = -2;
std::optional<int> said_in(const xmpp::Element& message);
// Such a message of an archive, out of the wrapping it came in; null if the stanza is none.
const xmpp::Element* archived_in(const xmpp::Element& stanza);
// The id that the room gave the message; "" if none.
std::string stanza_id_in(const xmpp::Element& message);
// The condition of an error stanza; "" if it is none.
std::string error_in(const xmpp::Element& stanza);
// The real address that the presence tells; "" if none.
std::string real_jid_in(const xmpp::Element& presence);

}  // namespace tests::reference
