// SPDX-License-Identifier: Apache-2.0
// Namespaces, each once.
#pragma once

#include <string_view>

namespace xmpp::ns {

inline constexpr std::string_view xml = "http://www.w3.org/XML/1998/namespace";

// RFC 6120
inline constexpr std::string_view client = "jabber:client";
inline constexpr std::string_view server = "jabber:server";
inline constexpr std::string_view streams = "http://etherx.jabber.org/streams";
inline constexpr std::string_view stream_errors = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr std::string_view stanza_errors = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr std::string_view tls = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr std::string_view sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr std::string_view bind = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr std::string_view session = "urn:ietf:params:xml:ns:xmpp-session";

inline constexpr std::string_view roster = "jabber:iq:roster";                           // RFC 6121
inline constexpr std::string_view data_form = "jabber:x:data";                           // XEP-0004
inline constexpr std::string_view disco_info = "http://jabber.org/protocol/disco#info";  // XEP-0030
inline constexpr std::string_view disco_items =
    "http://jabber.org/protocol/disco#items";                              // XEP-0030
inline constexpr std::string_view muc = "http://jabber.org/protocol/muc";  // XEP-0045
inline constexpr std::string_view muc_user = "http://jabber.org/protocol/muc#user";
inline constexpr std::string_view muc_admin = "http://jabber.org/protocol/muc#admin";
inline constexpr std::string_view muc_owner = "http://jabber.org/protocol/muc#owner";
inline constexpr std::string_view rsm = "http://jabber.org/protocol/rsm";  // XEP-0059
inline constexpr std::string_view delay = "urn:xmpp:delay";                // XEP-0203
inline constexpr std::string_view ping = "urn:xmpp:ping";                  // XEP-0199
inline constexpr std::string_view stanza_id = "urn:xmpp:sid:0";            // XEP-0359
inline constexpr std::string_view occupant_id = "urn:xmpp:occupant-id:0";  // XEP-0421

}  // namespace xmpp::ns
