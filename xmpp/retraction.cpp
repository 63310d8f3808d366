// SPDX-License-Identifier: Apache-2.0
#include "xmpp/retraction.h"

#include <utility>

#include "xmpp/jid.h"
#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"
#include "xmpp/writer.h"

namespace xmpp {
namespace {

// What the room itself put into the message; anything else may say what was said.
bool is_the_rooms(const Element& child, std::string_view room) {
  if (child.is("occupant-id", ns::occupant_id)) return true;
  if (room.empty()) return false;
  if (child.is("stanza-id", ns::stanza_id)) return child.attr("by") == room;
  return child.is("delay", ns::delay) && child.attr("from") == room;
}

// What everybody was told of a message that a moderator took back: not to be taken back itself.
bool tells_of_moderation(const Element& message) {
  const Element* retract = message.child("retract", ns::message_retract);
  return retract != nullptr && retract->child("moderated", ns::message_moderate) != nullptr;
}

}  // namespace

bool make_tombstone(Element& message, const Element& retracted) {
  if (message.child("retracted", ns::message_retract) != nullptr || tells_of_moderation(message))
    return false;
  const auto from = Jid::parse(message.attr("from"));
  const std::string room = from ? std::string(from->bare_str()) : std::string();
  Element stone(message.name(), message.ns());
  for (const char* name : {"from", "type", "id"})
    if (const std::string* value = message.find_attr(name)) stone.set_attr(name, *value);
  message.for_each_child([&](const Element& child) {
    if (is_the_rooms(child, room)) stone.add(child);
  });
  stone.add(retracted);
  message = std::move(stone);
  return true;
}

std::optional<std::string> tombstone(std::string_view stanza, std::string_view retracted) {
  auto message = read_stanza(stanza);
  const auto ending = read_stanza(retracted);
  if (!message || !ending || !make_tombstone(*message, *ending)) return std::nullopt;
  return to_xml(*message, ns::client);
}

}  // namespace xmpp
