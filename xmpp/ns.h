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
inline constexpr std::string_view rsm = "http://jabber.org/protocol/rsm";            // XEP-0059
inline constexpr std::string_view commands = "http://jabber.org/protocol/commands";  // XEP-0050
inline constexpr std::string_view private_xml = "jabber:iq:private";                 // XEP-0049
inline constexpr std::string_view bookmarks_old = "storage:bookmarks";               // XEP-0048
inline constexpr std::string_view bookmarks = "urn:xmpp:bookmarks:1";                // XEP-0402
inline constexpr std::string_view vcard = "vcard-temp";                              // XEP-0054
inline constexpr std::string_view pubsub = "http://jabber.org/protocol/pubsub";      // XEP-0060
inline constexpr std::string_view pubsub_owner = "http://jabber.org/protocol/pubsub#owner";
inline constexpr std::string_view pubsub_event = "http://jabber.org/protocol/pubsub#event";
inline constexpr std::string_view pubsub_errors = "http://jabber.org/protocol/pubsub#errors";
inline constexpr std::string_view registration = "jabber:iq:register";       // XEP-0077
inline constexpr std::string_view version = "jabber:iq:version";             // XEP-0092
inline constexpr std::string_view caps = "http://jabber.org/protocol/caps";  // XEP-0115
inline constexpr std::string_view entity_time = "urn:xmpp:time";             // XEP-0202
inline constexpr std::string_view chat_states =
    "http://jabber.org/protocol/chatstates";                       // XEP-0085
inline constexpr std::string_view sm = "urn:xmpp:sm:3";            // XEP-0198
inline constexpr std::string_view hints = "urn:xmpp:hints";        // XEP-0334
inline constexpr std::string_view csi = "urn:xmpp:csi:0";          // XEP-0352
inline constexpr std::string_view delay = "urn:xmpp:delay";        // XEP-0203
inline constexpr std::string_view ping = "urn:xmpp:ping";          // XEP-0199
inline constexpr std::string_view forward = "urn:xmpp:forward:0";  // XEP-0297
inline constexpr std::string_view mam = "urn:xmpp:mam:2";          // XEP-0313
inline constexpr std::string_view mam_extended = "urn:xmpp:mam:2#extended";
inline constexpr std::string_view message_correct = "urn:xmpp:message-correct:0";    // XEP-0308
inline constexpr std::string_view reactions = "urn:xmpp:reactions:0";                // XEP-0444
inline constexpr std::string_view message_retract = "urn:xmpp:message-retract:1";    // XEP-0424
inline constexpr std::string_view message_moderate = "urn:xmpp:message-moderate:1";  // XEP-0425
inline constexpr std::string_view stanza_id = "urn:xmpp:sid:0";                      // XEP-0359
inline constexpr std::string_view occupant_id = "urn:xmpp:occupant-id:0";            // XEP-0421
inline constexpr std::string_view hats = "urn:xmpp:hats:0";                          // XEP-0317

}  // namespace xmpp::ns
