// SPDX-License-Identifier: Apache-2.0
#include "src/people/person_keeper.h"

#include <memory>
#include <utility>

#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace server {
namespace {

using xmpp::Element;
using xmpp::Jid;

constexpr const char* unreadable =
    "What is kept for you cannot be read right now. Try again in a moment.";
constexpr const char* unwritable = "This could not be recorded. Try again in a moment.";

xmpp::StanzaError try_again(const char* why) {
  return {xmpp::ErrorType::wait, xmpp::Condition::internal_server_error, why};
}

xmpp::StanzaError busy() {
  return {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
          "Too much waits for the record. Try again in a moment."};
}

std::size_t size_of(const Element& stanza) { return xmpp::to_xml(stanza, xmpp::ns::client).size(); }

// What archives go by, where the events change it.
std::optional<accounts::ArchiveOwner> archiving_after(const std::vector<record::Event>& events,
                                                      const accounts::PersonalData* data) {
  if (data == nullptr) return std::nullopt;
  const bool by_roster = data->archiving.fallback == record::ArchiveDefault::roster;
  std::optional<accounts::ArchiveOwner> owner;
  for (const auto& event : events) {
    if (const auto* change = std::get_if<record::ArchivePreferencesChanged>(&event.body))
      owner.emplace().localpart = change->localpart;
    else if (const auto* contact = std::get_if<record::RosterChanged>(&event.body);
             contact != nullptr && by_roster)
      owner.emplace().localpart = contact->localpart;
  }
  if (!owner) return std::nullopt;
  owner->preferences = data->archiving;
  if (by_roster)
    for (const auto& [jid, contact] : data->roster) owner->contacts.insert(jid.bare());
  return owner;
}

// In place of an answer that must not be given now.
std::optional<Element> lost(const Element& answer) {
  if (answer.name() != "iq" || (answer.attr("type") != "result" && answer.attr("type") != "error"))
    return std::nullopt;
  Element error("iq", xmpp::ns::client);
  for (const auto* name : {"id", "from", "to"})
    if (const auto* value = answer.find_attr(name)) error.set_attr(name, *value);
  error.set_attr("type", "error").add(to_element(try_again(unwritable), xmpp::ns::client));
  return error;
}

}  // namespace

PersonKeeper::Entry& PersonKeeper::entry(const Jid& account) {
  const auto at = people_.find(account);
  if (at != people_.end()) return at->second;
  return people_.emplace(account, Entry(accounts::Person(account, parts_.domain, capabilities_)))
      .first->second;
}

void PersonKeeper::refuse(const bridge::IqRequest& request, const xmpp::StanzaError& error) {
  if (auto reply = xmpp::error_reply(request.iq, error)) parts_.route(std::move(*reply));
}

bool PersonKeeper::full(const Entry& entry) const {
  return entry.bytes >= parts_.limits.account_bytes || bytes_ >= parts_.limits.bytes;
}

void PersonKeeper::count(Entry& entry, std::size_t more, std::size_t less) {
  entry.bytes = entry.bytes + more - less;
  bytes_ = bytes_ + more - less;
}

void PersonKeeper::handle(bridge::IqRequest request) {
  if (request.iq.attr("type") == "set" && !parts_.recorder.accepting())
    return refuse(request, try_again(unwritable));
  const Jid account = request.to;
  Entry& entry = this->entry(account);
  if (full(entry) || entry.waiting.size() >= waiting_max) {
    refuse(request, busy());
    return release(account, entry);
  }
  if (entry.person.has_data()) {
    run(account, entry, entry.person.handle(request.iq, request.from, parts_.clock.wall()),
        std::move(request.receipt));
    return;
  }
  const std::size_t bytes = size_of(request.iq);
  entry.waiting.push_back({std::move(request), bytes});
  count(entry, bytes, 0);
  read(account, entry);
}

// Not before all that was submitted is settled: what is read must have it or not, for good.
void PersonKeeper::read(const Jid& account, Entry& entry) {
  if (entry.reading || entry.settled != entry.submitted) return;
  entry.reading = true;
  const bool taken = parts_.workers.submit([this, account] {
    auto found = parts_.store.load(std::string(account.local()));
    parts_.loop.post(
        [this, account, found = std::move(found)]() mutable { loaded(account, std::move(found)); });
  });
  if (!taken)
    parts_.loop.post(
        [this, account] { loaded(account, base::fail(accounts::StoreError::unavailable)); });
}

void PersonKeeper::loaded(
    const Jid& account,
    base::Result<std::optional<accounts::PersonalData>, accounts::StoreError> found) {
  const auto at = people_.find(account);
  if (at == people_.end()) return;
  Entry& entry = at->second;
  entry.reading = false;
  auto waiting = std::exchange(entry.waiting, {});
  for (const auto& [request, bytes] : waiting) count(entry, 0, bytes);
  if (!found) {
    parts_.log.error("what is kept for an account cannot be read", {{"account", account.str()}});
    for (const auto& [request, bytes] : waiting) refuse(request, try_again(unreadable));
    return release(account, entry);
  }
  queue(entry, entry.person.loaded(std::move(*found)).stanzas, {});
  for (auto& [request, bytes] : waiting) {
    if (full(entry)) {
      refuse(request, busy());
      continue;
    }
    auto effects = entry.person.handle(request.iq, request.from, parts_.clock.wall());
    submit(account, entry, std::move(effects.events));
    queue(entry, std::move(effects.stanzas), std::move(request.receipt));
    speak(entry);
  }
  release(account, entry);
}

void PersonKeeper::run(const Jid& account, Entry& entry, accounts::Effects effects,
                       base::Receipt receipt) {
  submit(account, entry, std::move(effects.events));
  queue(entry, std::move(effects.stanzas), std::move(receipt));
  release(account, entry);
}

// What nobody asked for may be left out.
void PersonKeeper::tell(const Jid& account, Entry& entry, accounts::Effects effects) {
  if (full(entry))
    std::erase_if(effects.stanzas,
                  [](const Element& stanza) { return stanza.name() == "message"; });
  run(account, entry, std::move(effects));
}

// What may be said at once is not counted.
void PersonKeeper::queue(Entry& entry, std::vector<Element> stanzas, base::Receipt receipt) {
  std::size_t bytes = 0;
  if (entry.settled != entry.submitted)
    for (const auto& stanza : stanzas) bytes += size_of(stanza);
  count(entry, bytes, 0);
  entry.line.push_back({entry.submitted, std::move(stanzas), std::move(receipt), bytes});
}

void PersonKeeper::submit(const Jid& account, Entry& entry, std::vector<record::Event> events) {
  if (events.empty()) return;
  const std::uint64_t ticket = ++entry.submitted;
  auto archiving =
      parts_.archives == nullptr ? std::nullopt : archiving_after(events, entry.person.data());
  parts_.recorder.submit(
      std::move(events),
      [this, account, ticket, archiving = std::move(archiving)](record::Outcome outcome) {
        if (archiving && outcome == record::Outcome::durable) parts_.archives->set(*archiving);
        parts_.loop.post([this, account, ticket, outcome] { settled(account, ticket, outcome); });
      });
}

void PersonKeeper::settled(const Jid& account, std::uint64_t ticket, record::Outcome outcome) {
  const auto at = people_.find(account);
  if (at == people_.end()) return;
  Entry& entry = at->second;
  entry.settled = ticket;
  if (outcome != record::Outcome::durable) refused(account, entry);
  if (!entry.waiting.empty() || entry.person.wants_data()) read(account, entry);
  release(account, entry);
}

// What was said on top of it may be about it: all of it is taken back.
void PersonKeeper::refused(const Jid& account, Entry& entry) {
  parts_.log.error("a change of what is kept for an account was not recorded",
                   {{"account", account.str()}});
  entry.person.drop_data();
  for (auto& words : entry.line) {
    std::vector<Element> instead;
    for (const auto& stanza : words.stanzas)
      if (auto error = lost(stanza)) instead.push_back(std::move(*error));
    words.stanzas = std::move(instead);
    words.ticket = std::min(words.ticket, entry.settled);
  }
}

void PersonKeeper::speak(Entry& entry) {
  while (!entry.line.empty() && entry.line.front().ticket <= entry.settled) {
    const Words words = std::move(entry.line.front());
    entry.line.pop_front();
    count(entry, 0, words.bytes);
    for (const auto& stanza : words.stanzas) parts_.route(stanza);
  }
}

void PersonKeeper::release(const Jid& account, Entry& entry) {
  speak(entry);
  if (entry.line.empty() && entry.settled == entry.submitted && !entry.reading &&
      entry.waiting.empty() && parts_.sessions(account) == 0)
    people_.erase(account);
}

void PersonKeeper::on_response(const Element& iq) {
  const auto from = Jid::parse(iq.attr("from"));
  const auto at = from ? people_.find(from->bare()) : people_.end();
  if (at == people_.end()) return;
  const Jid account = at->first;
  auto effects = at->second.person.on_response(iq, *from);
  if (at->second.person.wants_data()) read(account, at->second);
  tell(account, at->second, std::move(effects));
}

void PersonKeeper::on_available(const Jid& session, const Element& presence, bool initial) {
  const Jid account = session.bare();
  if (presence.child("c", xmpp::ns::caps) == nullptr && !people_.contains(account)) return;
  Entry& entry = this->entry(account);
  auto effects = entry.person.on_available(session, presence, initial);
  if (entry.person.wants_data()) read(account, entry);
  tell(account, entry, std::move(effects));
}

void PersonKeeper::on_unavailable(const Jid& session) {
  const auto at = people_.find(session.bare());
  if (at != people_.end()) at->second.person.on_unavailable(session);
}

void PersonKeeper::on_end(const Jid& session) {
  const Jid account = session.bare();
  const auto at = people_.find(account);
  if (at == people_.end()) return;
  at->second.person.on_end(session);
  release(account, at->second);
}

}  // namespace server
