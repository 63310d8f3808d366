// SPDX-License-Identifier: Apache-2.0
#include "xmpp/retraction.h"

#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"
#include "xmpp/writer.h"

namespace xmpp {
namespace {

bool tells_which(const Element& child) {
  return child.ns() == ns::occupant_id || child.ns() == ns::stanza_id || child.ns() == ns::delay;
}

}  // namespace

bool make_tombstone(Element& message, const Element& retracted) {
  if (message.child("retracted", ns::message_retract) != nullptr) return false;
  message.remove_children_if([](const Element& child) { return !tells_which(child); });
  message.add(retracted);
  return true;
}

std::optional<std::string> tombstone(std::string_view stanza, std::string_view retracted) {
  auto message = read_stanza(stanza);
  const auto ending = read_stanza(retracted);
  if (!message || !ending || !make_tombstone(*message, *ending)) return std::nullopt;
  return to_xml(*message, ns::client);
}

}  // namespace xmpp
