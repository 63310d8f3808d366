// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/lost_answer.h"

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

bool is_iq(const base::Payload& payload) {
  return payload.bytes != nullptr && payload.bytes->compare(0, 3, "<iq") == 0;
}

}  // namespace

void append_lost_answers(const muc::Effect& effect, std::vector<Element>& errors) {
  if (const auto* query = std::get_if<muc::ArchiveQuery>(&effect))
    if (auto reply = xmpp::error_reply(query->iq, lost())) errors.push_back(std::move(*reply));
  if (const auto* query = std::get_if<muc::RoomsQuery>(&effect))
    if (auto reply = xmpp::error_reply(query->iq, lost())) errors.push_back(std::move(*reply));
  if (const auto* route = std::get_if<muc::Route>(&effect); route && !route->sender_id.empty())
    if (const auto room = xmpp::Jid::parse(route->message.attr("from")))
      errors.push_back(message_lost(route->sender, *room, route->sender_id, false));
  const auto* send = std::get_if<muc::Send>(&effect);
  if (send == nullptr) return;
  for (const auto& payload : send->stanzas) {
    if (!is_iq(payload)) continue;
    const auto iq = xmpp::read_stanza(*payload.bytes);
    // A question that is handed on is answered by the room, which knows who asked.
    if (!iq || (iq->attr("type") != "result" && iq->attr("type") != "error")) continue;
    Element error("iq", xmpp::ns::client);
    error.set_attr("type", "error").set_attr("id", iq->attr("id"));
    error.set_attr("from", iq->attr("from")).set_attr("to", send->to.str());
    error.add(xmpp::to_element(lost(), xmpp::ns::client));
    errors.push_back(std::move(error));
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
