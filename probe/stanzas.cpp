// SPDX-License-Identifier: Apache-2.0
#include "probe/stanzas.h"

#include "xmpp/ns.h"

namespace probe {
namespace {

xmpp::Element stanza(std::string_view name, std::string_view type, std::string_view to,
                     std::string_view id) {
  xmpp::Element element(name, xmpp::ns::client);
  if (!type.empty()) element.set_attr("type", type);
  if (!to.empty()) element.set_attr("to", to);
  if (!id.empty()) element.set_attr("id", id);
  return element;
}

}  // namespace

xmpp::Element hello() {
  auto presence = stanza("presence", "", "", "");
  presence.add("priority", xmpp::ns::client).set_text("-1");
  return presence;
}

xmpp::Element ask_service(std::string_view service, std::string_view id) {
  auto iq = stanza("iq", "get", service, id);
  iq.add("query", xmpp::ns::disco_info);
  return iq;
}

xmpp::Element enter(const xmpp::Jid& occupant, const std::string& password, std::string_view id) {
  auto presence = stanza("presence", "", occupant.str(), id);
  auto& x = presence.add("x", xmpp::ns::muc);
  x.add("history", xmpp::ns::muc).set_attr("maxstanzas", "0");
  if (!password.empty()) x.add("password", xmpp::ns::muc).set_text(password);
  return presence;
}

xmpp::Element accept_instant_room(const xmpp::Jid& room, std::string_view id) {
  auto iq = stanza("iq", "set", room.str(), id);
  auto& query = iq.add("query", xmpp::ns::muc_owner);
  query.add("x", xmpp::ns::data_form).set_attr("type", "submit");
  return iq;
}

xmpp::Element say(const xmpp::Jid& room, std::string_view body, std::string_view id) {
  auto message = stanza("message", "groupchat", room.str(), id);
  message.add("body", xmpp::ns::client).set_text(body);
  return message;
}

xmpp::Element leave(const xmpp::Jid& occupant) {
  return stanza("presence", "unavailable", occupant.str(), "");
}

xmpp::Element destroy(const xmpp::Jid& room, std::string_view id) {
  auto iq = stanza("iq", "set", room.str(), id);
  auto& query = iq.add("query", xmpp::ns::muc_owner);
  auto& wish = query.add("destroy", xmpp::ns::muc_owner);
  wish.add("reason", xmpp::ns::muc_owner).set_text("made by a probe");
  return iq;
}

bool is_answer(const xmpp::Element& stanza, std::string_view id) {
  return stanza.name() == "iq" && stanza.attr("id") == id &&
         (stanza.attr("type") == "result" || stanza.attr("type") == "error");
}

bool is_error(const xmpp::Element& stanza) { return stanza.attr("type") == "error"; }

bool is_room_service(const xmpp::Element& disco_result) {
  const auto* query = disco_result.child("query", xmpp::ns::disco_info);
  bool found = false;
  if (query)
    query->for_each_child([&found](const xmpp::Element& child) {
      found = found || (child.name() == "feature" && child.attr("var") == xmpp::ns::muc);
    });
  return found;
}

bool has_status(const xmpp::Element& presence, std::string_view code) {
  const auto* x = presence.child("x", xmpp::ns::muc_user);
  bool found = false;
  if (x)
    x->for_each_child([&](const xmpp::Element& child) {
      found = found || (child.name() == "status" && child.attr("code") == code);
    });
  return found;
}

xmpp::Jid sender(const xmpp::Element& stanza) {
  return xmpp::Jid::parse(stanza.attr("from")).value_or(xmpp::Jid());
}

bool is_own_presence(const xmpp::Element& stanza, const xmpp::Jid& room,
                     const xmpp::Jid& occupant) {
  if (stanza.name() != "presence") return false;
  const auto from = sender(stanza);
  if (from.empty() || from.bare() != room) return false;
  return is_error(stanza) || from == occupant || has_status(stanza, "110");
}

bool is_message(const xmpp::Element& stanza, const xmpp::Jid& occupant, std::string_view body) {
  return stanza.name() == "message" && stanza.attr("type") == "groupchat" &&
         sender(stanza) == occupant &&
         xmpp::child_text(stanza, "body", xmpp::ns::client) == std::optional(std::string(body));
}

}  // namespace probe
