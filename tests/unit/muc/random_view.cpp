// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/muc/random_view.h"

#include "xmpp/ns.h"

namespace tests::reference {

namespace {

const xmpp::Element* item_of(const xmpp::Element& presence) {
  const xmpp::Element* x = presence.child("x", xmpp::ns::muc_user);
  return x == nullptr ? nullptr : x->child("item", xmpp::ns::muc_user);
}

}  // namespace

bool has_status(const xmpp::Element& presence, const std::string& code) {
  bool found = false;
  if (const xmpp::Element* x = presence.child("x", xmpp::ns::muc_user))
    x->for_each_child([&](const xmpp::Element& child) {
      found = found || (child.name() == "status" && child.attr("code") == code);
    });
  return found;
}

std::optional<int> said_in(const xmpp::Element& message) {
  if (message.child("retracted", xmpp::ns::message_retract) != nullptr) return tombstone;
  if (message.child("retract", xmpp::ns::message_retract) != nullptr) return retraction;
  if (const auto* body = message.child("body", xmpp::ns::client)) return std::stoi(body->text());
  if (message.child("subject", xmpp::ns::client) != nullptr) return new_subject;
  return std::nullopt;
}

const xmpp::Element* archived_in(const xmpp::Element& stanza) {
  const xmpp::Element* result = stanza.child("result", xmpp::ns::mam);
  const xmpp::Element* forwarded =
      result == nullptr ? nullptr : result->child("forwarded", xmpp::ns::forward);
  return forwarded == nullptr ? nullptr : forwarded->child("message", xmpp::ns::client);
}

std::string stanza_id_in(const xmpp::Element& message) {
  const xmpp::Element* id = message.child("stanza-id", xmpp::ns::stanza_id);
  return id == nullptr ? std::string{} : std::string(id->attr("id"));
}

std::string error_in(const xmpp::Element& stanza) {
  const xmpp::Element* error = stanza.child("error", xmpp::ns::client);
  const xmpp::Element* first = error == nullptr ? nullptr : error->first_child();
  return first == nullptr ? std::string{} : std::string(first->name());
}

std::string real_jid_in(const xmpp::Element& presence) {
  const xmpp::Element* item = item_of(presence);
  return item == nullptr ? std::string{} : std::string(item->attr("jid"));
}

void View::take(const xmpp::Element& stanza, const std::string& nick) {
  if (stanza.attr("type") == "error") return;
  if (stanza.name() == "presence") {
    const bool own = has_status(stanza, "110");
    if (stanza.attr("type") != "unavailable") {
      const xmpp::Element* item = item_of(stanza);
      if (item == nullptr) return;
      people[nick] = {std::string(item->attr("role")), std::string(item->attr("affiliation"))};
      if (own) self = nick;
    } else if (own && !has_status(stanza, "303")) {
      *this = View{};
    } else {
      if (people.erase(nick) == 0) strangers.push_back(nick);
    }
    return;
  }
  if (stanza.name() != "message" || stanza.attr("type") != "groupchat") return;
  const auto said = said_in(stanza);
  if (said == new_subject)
    subject = stanza.child("subject", xmpp::ns::client)->text();
  else if (said)
    heard.push_back(*said);
}

}  // namespace tests::reference
