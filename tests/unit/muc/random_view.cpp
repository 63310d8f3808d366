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
  const xmpp::Element* body = stanza.child("body", xmpp::ns::client);
  const xmpp::Element* said = stanza.child("subject", xmpp::ns::client);
  if (body != nullptr)
    heard.push_back(std::stoi(body->text()));
  else if (said != nullptr)
    subject = said->text();
}

}  // namespace tests::reference
