// SPDX-License-Identifier: Apache-2.0
// What a server answers, as one sentence for whoever runs the probe: what is wrong and what to do.
// `text` is the server's own words, which may be empty.
#pragma once

#include <string>
#include <string_view>

#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace probe {

std::string sasl_refusal(const std::string& condition, const std::string& text);
std::string stream_refusal(const std::string& condition, const std::string& text,
                           const xmpp::Jid& user);
// `fault` is OpenSSL's name for it, X509_V_ERR_….
std::string certificate_refusal(const std::string& fault, const std::string& domain);

// The <error/> of a stanza: its condition, "undefined-condition" if it names none.
struct StanzaRefusal {
  std::string condition, text;
};
StanzaRefusal refusal_of(const xmpp::Element& stanza);

std::string service_refusal(const StanzaRefusal& refusal, const std::string& service);
std::string join_refusal(const StanzaRefusal& refusal, const xmpp::Jid& room,
                         const xmpp::Jid& user);
std::string message_refusal(const StanzaRefusal& refusal, const xmpp::Jid& user);
// Anything else that was asked for.
std::string other_refusal(const std::string& what, const StanzaRefusal& refusal);

}  // namespace probe
