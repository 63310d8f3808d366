// SPDX-License-Identifier: Apache-2.0
// Bookmarks: items of a PEP node (XEP-0402). Clients that keep them in private XML (XEP-0048 over
// XEP-0049) see and change the same ones: §4.3 there, "urn:xmpp:bookmarks:1#compat".
#pragma once

#include <optional>
#include <string>

#include "accounts/personal/turn.h"

namespace accounts {

inline constexpr std::string_view bookmarks_compat = "urn:xmpp:bookmarks:1#compat";

// What is wrong with a bookmark that is published: its id is a room's JID, its payload a
// <conference/>.
std::optional<xmpp::StanzaError> check_bookmark(const std::string& id,
                                                const xmpp::Element& payload);

bool is_old_bookmarks(const xmpp::Element& element);  // <storage xmlns='storage:bookmarks'/>
// All bookmarks as such an element, with whatever else the client kept in it (URLs).
xmpp::Element old_bookmarks(const PersonalData& data);
// Publishes what is new or different in `storage`, retracts what is no more in it. `freed` and
// `added` are the bytes of what stays in private XML, before and after.
std::optional<xmpp::StanzaError> set_old_bookmarks(Turn& turn, const xmpp::Element& storage,
                                                   std::size_t freed, std::size_t added);
// What stays in private XML.
xmpp::Element without_conferences(xmpp::Element storage);

}  // namespace accounts
