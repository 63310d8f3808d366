// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/session/csi.h"

#include <algorithm>
#include <array>

#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"

namespace bridge::c2s {
namespace {

namespace ns = xmpp::ns;

// Markup: an apostrophe or "<" in a text is escaped.
constexpr std::string_view own_status = "<status code='110'/>";

// Around a chat state without being a message: thread, ids, hints (XEP-0334), who says it.
bool says_nothing(const xmpp::Element& child) {
  constexpr std::array quiet{ns::chat_states, ns::hints, ns::stanza_id, ns::occupant_id};
  if (child.is("thread", ns::client)) return true;
  return std::find(quiet.begin(), quiet.end(), child.ns()) != quiet.end();
}

bool only_chat_state(std::string_view stanza) {
  // "<" is markup; most messages have a body and need no more of a look.
  if (stanza.find("<body") != std::string_view::npos) return false;
  if (stanza.find(ns::chat_states) == std::string_view::npos) return false;
  const auto message = xmpp::read_stanza(stanza);
  if (!message || message->attr("type") == "error") return false;
  bool quiet = true;
  message->for_each_child(
      [&](const xmpp::Element& child) { quiet = quiet && says_nothing(child); });
  return quiet;
}

// Up to the ">" that is not part of a value.
std::string_view start_tag(std::string_view stanza) {
  bool quoted = false;
  for (std::size_t i = 0; i < stanza.size(); ++i) {
    if (stanza[i] == '\'') quoted = !quoted;
    if (stanza[i] == '>' && !quoted) return stanza.substr(0, i);
  }
  return stanza;
}

bool only_presence(std::string_view stanza) {
  const std::string_view tag = start_tag(stanza);
  const auto type = tag.find(" type='");
  if (type != std::string_view::npos && !tag.substr(type).starts_with(" type='unavailable'"))
    return false;
  return stanza.find(own_status) == std::string_view::npos;
}

}  // namespace

bool may_wait(std::string_view stanza) {
  if (stanza.starts_with("<presence")) return only_presence(stanza);
  return stanza.starts_with("<message") && only_chat_state(stanza);
}

}  // namespace bridge::c2s
