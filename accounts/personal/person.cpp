// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/person.h"

#include <algorithm>

#include "accounts/archive/prefs.h"
#include "accounts/pep/changes.h"
#include "accounts/pep/pep.h"
#include "accounts/personal/private_storage.h"
#include "accounts/personal/roster.h"
#include "accounts/personal/vcard.h"
#include "base/check.h"
#include "xmpp/ns.h"

namespace accounts {
namespace {

namespace ns = xmpp::ns;
using xmpp::Condition;
using xmpp::Element;
using xmpp::Jid;
using xmpp::StanzaError;

Answer answer(Turn& turn) {
  const std::string& asked = turn.payload().ns();
  if (!turn.state.data) return StanzaError{Condition::service_unavailable};
  if (asked == ns::vcard) return vcard(turn);
  if (asked == ns::pubsub) return pep::pubsub(turn);
  if (!turn.own()) return StanzaError{Condition::service_unavailable};
  if (asked == ns::roster) return roster(turn);
  if (asked == ns::mam) return archive_preferences(turn);
  if (asked == ns::private_xml) return private_storage(turn);
  if (asked == ns::pubsub_owner) return pep::owner(turn);
  if (asked == ns::disco_info) return pep::disco_info(turn);
  if (asked == ns::disco_items) return pep::disco_items(turn);
  return StanzaError{Condition::service_unavailable};
}

}  // namespace

Effects Person::handle(const Element& iq, const Jid& from, base::Time now) {
  CHECK(known_);
  Effects effects;
  Turn turn{state_, iq, from, now, effects};
  Answer outcome = answer(turn);
  if (auto* result = std::get_if<Element>(&outcome)) {
    effects.stanzas.push_back(std::move(*result));
  } else {
    effects = {};
    if (auto error = xmpp::error_reply(iq, std::get<StanzaError>(outcome)))
      effects.stanzas.push_back(std::move(*error));
  }
  return effects;
}

Effects Person::loaded(std::optional<PersonalData> data) {
  state_.data = std::move(data);
  if (state_.data)
    for (auto& [jid, contact] : state_.data->roster) contact.bytes = contact_bytes(jid, contact);
  known_ = true;
  Effects effects;
  for (auto& [jid, listener] : state_.listeners)
    if (std::exchange(listener.owed, false))
      pep::send_last_items(state_, jid, listener, nullptr, effects);
  return effects;
}

void Person::drop_data() {
  state_.data.reset();
  known_ = false;
}

bool Person::wants_data() const {
  return !known_ &&
         std::ranges::any_of(state_.listeners, [](const auto& entry) { return entry.second.owed; });
}

Effects Person::on_available(const Jid& session, const Element& presence, bool initial) {
  const Element* c = presence.child("c", ns::caps);
  auto at = state_.listeners.find(session);
  if (c == nullptr && at == state_.listeners.end()) return {};  // nothing to tell it
  if (at == state_.listeners.end()) at = state_.listeners.emplace(session, Listener{}).first;
  Listener& listener = at->second;
  listener.available = true;
  Element none;
  const Element& said = c == nullptr ? none : *c;
  const bool same = listener.hash == said.attr("hash") && listener.node == said.attr("node") &&
                    listener.ver == said.attr("ver");
  if (same) {
    if (!initial || listener.interests == nullptr) return {};
    const Interests all = std::exchange(listener.interests, nullptr);
    return interests_changed(session, listener, all);
  }
  listener.hash = said.attr("hash");
  listener.node = said.attr("node");
  listener.ver = said.attr("ver");
  listener.asked.clear();
  if (listener.ver.empty()) {
    listener.interests = nullptr;
    return {};
  }
  if (listener.hash == "sha-1")
    if (const auto known = capabilities_.find(listener.ver)) {
      if (initial) listener.interests = nullptr;
      return interests_changed(session, listener, *known);
    }
  Effects effects;
  effects.stanzas.push_back(ask(session, listener));
  return effects;
}

void Person::on_unavailable(const Jid& session) {
  const auto at = state_.listeners.find(session);
  if (at == state_.listeners.end()) return;
  at->second.available = at->second.owed = false;
}

Element Person::ask(const Jid& session, Listener& listener) {
  listener.asked = std::string(question_prefix) + std::to_string(++state_.questions);
  Element iq("iq", ns::client);
  iq.set_attr("type", "get").set_attr("id", listener.asked);
  iq.set_attr("from", domain_).set_attr("to", session.str());
  iq.add("query", ns::disco_info).set_attr("node", listener.node + "#" + listener.ver);
  return iq;
}

Effects Person::on_response(const Element& iq, const Jid& from) {
  const auto at = state_.listeners.find(from);
  if (at == state_.listeners.end() || at->second.asked.empty()) return {};
  Listener& listener = at->second;
  if (iq.attr("id") != listener.asked) return {};
  listener.asked.clear();
  const Element* query = iq.child("query", ns::disco_info);
  if (iq.attr("type") != "result" || query == nullptr) return {};
  // Of a hash that is not ours to check, and of one that does not fit, only this client is
  // believed.
  const std::string ver = listener.hash == "sha-1" ? listener.ver : std::string();
  return interests_changed(from, listener, capabilities_.learn(ver, *query));
}

// XEP-0163 §4.3.4: the last items of the nodes it did not hear of before.
Effects Person::interests_changed(const Jid& session, Listener& listener, Interests interests) {
  const Interests before = std::exchange(listener.interests, std::move(interests));
  Effects effects;
  if (!listener.available || listener.interests == nullptr) return effects;
  if (known_)
    pep::send_last_items(state_, session, listener, before, effects);
  else
    listener.owed = !listener.interests->empty();
  return effects;
}

}  // namespace accounts
