// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/lost_answer.h"

#include <string_view>
#include <utility>

#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"
#include "xmpp/writer.h"

namespace server {
namespace {

using xmpp::Element;

xmpp::StanzaError lost() {
  return {xmpp::ErrorType::wait, xmpp::Condition::internal_server_error,
          "This could not be recorded."};
}

bool is(const base::Payload& payload, std::string_view begin) {
  return payload.bytes != nullptr && payload.bytes->starts_with(begin);
}

bool is_status(const Element& e, std::string_view code) {
  return e.name() == "status" && e.attr("code") == code;
}

// In place of the last presence of a stay: it is over for a technical reason, whatever else it was.
std::optional<Element> end_of_stay(const base::Payload& payload, const xmpp::Jid& to) {
  auto presence = xmpp::read_stanza(*payload.bytes);
  if (!presence || presence->attr("type") != "unavailable") return std::nullopt;
  Element* x = presence->child("x", xmpp::ns::muc_user);
  if (x == nullptr) return std::nullopt;
  bool own = false;
  x->for_each_child([&](const Element& e) { own = own || is_status(e, "110"); });
  if (!own) return std::nullopt;
  x->remove_children_if([](const Element& e) {
    return e.name() == "destroy" || (e.name() == "status" && !is_status(e, "110"));
  });
  x->add("status", xmpp::ns::muc_user).set_attr("code", "333");
  if (Element* item = x->child("item", xmpp::ns::muc_user)) {
    // Of a new nick, or of who did it and why: it was not done.
    item->remove_attr("nick");
    item->remove_children_if([](const Element&) { return true; });
  }
  presence->set_attr("to", to.str());
  return presence;
}

}  // namespace

void append_lost_answers(const muc::Effect& effect, std::vector<Element>& instead) {
  if (const auto* query = std::get_if<muc::ArchiveQuery>(&effect))
    if (auto reply = xmpp::error_reply(query->iq, lost())) instead.push_back(std::move(*reply));
  if (const auto* query = std::get_if<muc::RoomsQuery>(&effect))
    if (auto reply = xmpp::error_reply(query->iq, lost())) instead.push_back(std::move(*reply));
  if (const auto* route = std::get_if<muc::Route>(&effect); route && !route->sender_id.empty())
    if (const auto room = xmpp::Jid::parse(route->message.attr("from")))
      instead.push_back(message_lost(route->sender, *room, route->sender_id, false));
  const auto* send = std::get_if<muc::Send>(&effect);
  if (send == nullptr) return;
  for (const auto& payload : send->stanzas) {
    if (is(payload, "<presence"))
      if (auto presence = end_of_stay(payload, send->to)) instead.push_back(std::move(*presence));
    if (!is(payload, "<iq")) continue;
    const auto iq = xmpp::read_stanza(*payload.bytes);
    // A question that is handed on is answered by the room, which knows who asked.
    if (!iq || (iq->attr("type") != "result" && iq->attr("type") != "error")) continue;
    Element error("iq", xmpp::ns::client);
    error.set_attr("type", "error").set_attr("id", iq->attr("id"));
    error.set_attr("from", iq->attr("from")).set_attr("to", send->to.str());
    error.add(xmpp::to_element(lost(), xmpp::ns::client));
    instead.push_back(std::move(error));
  }
}

Element message_lost(const xmpp::Jid& sender, const xmpp::Jid& to, const std::string& id,
                     bool is_private) {
  Element message("message", xmpp::ns::client);
  message.set_attr("from", sender.str()).set_attr("to", to.str());
  message.set_attr("type", is_private ? "chat" : "groupchat");
  if (!id.empty()) message.set_attr("id", id);
  return *xmpp::error_reply(message, lost());
}

}  // namespace server
