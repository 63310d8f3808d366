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

// In place of an answer: to an IQ, or an error to a message or a presence. What it refused may be
// due by now, so it is not said, but that it came to nothing is.
std::optional<Element> lost_answer(const base::Payload& payload, const xmpp::Jid& to) {
  const auto said = xmpp::read_stanza(*payload.bytes);
  if (!said) return std::nullopt;
  const std::string_view type = said->attr("type");
  // A question that is handed on is answered by the room, which knows who asked.
  if (type != "error" && !(said->name() == "iq" && type == "result")) return std::nullopt;
  Element error(said->name(), xmpp::ns::client);
  error.set_attr("type", "error");
  if (const auto id = said->attr("id"); !id.empty()) error.set_attr("id", id);
  error.set_attr("from", said->attr("from")).set_attr("to", to.str());
  error.add(xmpp::to_element(lost(), xmpp::ns::client));
  return error;
}

}  // namespace

void append_lost_answers(const muc::Effect& effect, std::vector<Element>& instead) {
  if (const auto* query = std::get_if<muc::ArchiveQuery>(&effect))
    if (auto reply = xmpp::error_reply(query->iq, lost())) instead.push_back(std::move(*reply));
  if (const auto* query = std::get_if<muc::VcardQuery>(&effect))
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
    if (is(payload, "<iq") || send->refusal)
      if (auto answer = lost_answer(payload, send->to)) instead.push_back(std::move(*answer));
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
