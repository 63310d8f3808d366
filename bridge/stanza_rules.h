// SPDX-License-Identifier: Apache-2.0
// The rules for single stanzas: what each kind may look like (RFC 6120 §8) and which of an
// account's resources hears it (RFC 6121 §8.5, without roster and without offline storage). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"

namespace bridge {

enum class Kind { message, presence, iq };
std::optional<Kind> kind_of(
    const xmpp::Element& element);  // nullopt: not a stanza of jabber:client

enum class MessageType { normal, chat, groupchat, headline, error };
MessageType message_type(const xmpp::Element& message);  // what is unknown counts as normal

enum class PresenceType {
  available,
  unavailable,
  subscribe,
  subscribed,
  unsubscribe,
  unsubscribed,
  probe,
  error
};
std::optional<PresenceType> presence_type(const xmpp::Element& presence);
bool is_subscription(PresenceType type);
std::optional<int> presence_priority(const xmpp::Element& presence);  // −128…127; absent = 0

bool is_iq_request(const xmpp::Element& iq);  // get or set

// What is wrong with the stanza itself, wherever it goes; the answer is for its sender alone.
std::optional<xmpp::StanzaError> check_stanza(const xmpp::Element& stanza);

// One resource of the account a message is for.
struct Candidate {
  bool available = false;
  int priority = 0;
  bool addressed = false;  // the message's full JID is this one
};
struct MessageRoute {
  std::vector<std::size_t> hears;  // indices of candidates
  bool refused = false;            // nobody: answer service-unavailable
};
// An account that does not exist looks like one without resources: BI-STZ-17.
MessageRoute route_message(MessageType type, bool to_full_jid,
                           std::span<const Candidate> candidates);

// The answer to a stanza that was refused; nullopt where none is allowed. The id of an IQ without
// one is empty, as RFC 6120 §8.3.1 rule 3 has it.
std::optional<xmpp::Element> refusal(const xmpp::Element& stanza, const xmpp::StanzaError& error);

}  // namespace bridge
