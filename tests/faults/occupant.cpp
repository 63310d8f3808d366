// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/occupant.h"

#include "tests/scripts/runner/xml.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace tests::faults {
namespace {

bool has_status(const xmpp::Element& presence, const std::string& code) {
  const auto* x = presence.child("x", "http://jabber.org/protocol/muc#user");
  if (x == nullptr) return false;
  bool has = false;
  x->for_each_child([&](const xmpp::Element& e) {
    has = has || (e.name() == "status" && e.attr("code") == code);
  });
  return has;
}

}  // namespace

Occupant::Occupant(const std::string& name, Check check)
    : Session(*xmpp::Jid::parse(name + "@localhost/x"), "stay of " + name),
      check_(std::move(check)) {}

void Occupant::send(const base::Payload& payload) { take(received(payload, jid().str())); }
void Occupant::send(const xmpp::Element& stanza) { take(stanza); }

void Occupant::take(const xmpp::Element& stanza) {
  const std::string wrong = check_(stanza);
  const std::lock_guard lock(mutex_);
  if (!wrong.empty()) complaints_.push_back(name() + ": " + wrong);
  const std::string id(stanza.attr("id")), type(stanza.attr("type"));
  const bool live = stanza.child("delay", "urn:xmpp:delay") == nullptr;
  if (live && !id.empty()) ++answers_[id];
  if (type == "error") {
    const auto* error = stanza.child("error", stanza.ns());
    errors_[id] = error != nullptr ? std::string(error->attr("type")) : "";
  } else if (stanza.name() == "presence" && has_status(stanza, "110")) {
    inside_ = type.empty();
    if (has_status(stanza, "333")) ++times_out_;
  } else if (stanza.name() == "message") {
    const auto* body = stanza.child("body", stanza.ns());
    if (live && body != nullptr) heard_.push_back(body->text());
  }
}

void Occupant::start_over() {
  const std::lock_guard lock(mutex_);
  inside_ = false;
  times_out_ = 0;
  answers_.clear();
  errors_.clear();
  heard_.clear();
  complaints_.clear();
}
bool Occupant::inside() const {
  const std::lock_guard lock(mutex_);
  return inside_;
}
int Occupant::times_out() const {
  const std::lock_guard lock(mutex_);
  return times_out_;
}
std::size_t Occupant::answers(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = answers_.find(id);
  return found == answers_.end() ? 0 : found->second;
}
std::string Occupant::error(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = errors_.find(id);
  return found == errors_.end() ? "" : found->second;
}
std::vector<std::string> Occupant::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}
std::vector<std::string> Occupant::complaints() const {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

}  // namespace tests::faults
