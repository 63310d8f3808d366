// SPDX-License-Identifier: Apache-2.0
#include "src/direct_messages.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "accounts/archive/archive_id.h"
#include "base/check.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace server {
namespace {

using xmpp::Condition;
using xmpp::Element;
using xmpp::ErrorType;
using xmpp::StanzaError;

constexpr std::string_view chat_states = "http://jabber.org/protocol/chatstates";
constexpr std::string_view hints = "urn:xmpp:hints";

// Nothing but that somebody is typing: no text anywhere, not even that of a thread.
bool only_chat_state(const Element& message) {
  bool state = false, more = false;
  message.for_each_child([&](const Element& child) {
    const bool empty = child.text().empty() && child.first_child() == nullptr;
    if (child.ns() == chat_states && empty)
      state = true;
    else if (!(child.ns() == hints && empty))
      more = true;
  });
  return state && !more;
}

bool ends_something(const Element& stanza) {
  return stanza.name() == "presence" && stanza.attr("type") == "unavailable";
}

}  // namespace

void DirectMessages::pass(std::size_t at, const Element& stanza, const xmpp::Jid& to, bool heard,
                          Deliver deliver) {
  Shard& shard = shards_[at];
  std::string key;
  key.append(stanza.attr("from")).append(1, '\n').append(to.bare_str());
  const auto line = shard.lines.find(key);
  const bool waits = line != shard.lines.end();
  // Whether a message that waits will be heard is known only when its turn comes.
  const bool record = (heard || waits) && stanza.name() == "message" && !only_chat_state(stanza);
  if (!record && !waits) return deliver({});
  if (auto error = refuse(shard, record); error && !ends_something(stanza))
    return deliver({.error = std::move(error)});

  std::string text = xmpp::to_xml(stanza, xmpp::ns::client);
  Waiting waiting{.bytes = text.size(), .deliver = std::move(deliver), .outcome = {}};
  if (!record) waiting.outcome = record::Outcome::durable;  // needs none, only its turn
  const auto from = xmpp::Jid::parse(stanza.attr("from")).value_or(xmpp::Jid());
  std::optional<record::DirectMessage> event;
  if (record) event = this->event(stanza, from, to, std::move(text));
  if (event && event->for_recipient) waiting.owner = to.local();
  waiting_.fetch_add(1);
  ++shard.stanzas;
  shard.bytes += waiting.bytes;
  (waits ? line->second : shard.lines[key]).push_back(std::move(waiting));
  if (event) submit(at, key, from, std::move(*event));
}

std::optional<StanzaError> DirectMessages::refuse(const Shard& shard, bool record) const {
  if (record && draining_.load())
    return StanzaError{Condition::service_unavailable, "The server is shutting down."};
  if (shard.stanzas >= parts_.limits.stanzas || shard.bytes >= parts_.limits.bytes)
    return StanzaError{ErrorType::wait, Condition::resource_constraint,
                       "Too much waits for the record. Try again in a moment."};
  return record ? refusal(parts_.door.state()) : std::nullopt;
}

bool DirectMessages::drain(base::Micros at_most) {
  draining_.store(true);
  // A shard that did not see this yet has taken what it takes when it answers.
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    waiting_.fetch_add(1);
    parts_.shards[i].post([this] { one_less(); });
  }
  std::unique_lock lock(mutex_);
  return all_done_.wait_for(lock, std::chrono::microseconds(at_most),
                            [this] { return waiting_.load() == 0; });
}

void DirectMessages::one_less() {
  if (waiting_.fetch_sub(1) != 1 || !draining_.load()) return;
  const std::lock_guard lock(mutex_);
  all_done_.notify_all();
}

record::DirectMessage DirectMessages::event(const Element& message, const xmpp::Jid& from,
                                            const xmpp::Jid& to, std::string text) const {
  const bool keep = accounts::worth_keeping(message);
  return {.to = to,
          .stanza = std::move(text),
          .body = xmpp::child_text(message, "body", xmpp::ns::client).value_or(""),
          .origin_id = std::string(message.attr("id")),
          .for_sender = keep && parts_.archives.wants(from.local(), to),
          .for_recipient = keep && parts_.archives.wants(to.local(), from)};
}

void DirectMessages::submit(std::size_t at, const std::string& key, const xmpp::Jid& from,
                            record::DirectMessage message) {
  record::Event event{.at = parts_.clock.wall()};
  event.actor.jid = from;
  event.body = std::move(message);
  std::vector<record::Event> events;
  events.push_back(std::move(event));
  parts_.recorder.submit(std::move(events), [this, at, key](record::Settlement outcome) {
    parts_.shards[at].post([this, at, key, outcome] { settled(shards_[at], key, outcome); });
  });
}

// The recorder answers in the order of submission, so the first that has no outcome is meant.
void DirectMessages::settled(Shard& shard, const std::string& key, record::Settlement outcome) {
  Line& line = shard.lines.at(key);
  const auto first =
      std::find_if(line.begin(), line.end(), [](const Waiting& w) { return !w.outcome; });
  CHECK(first != line.end());
  first->outcome = outcome;
  while (!line.empty() && line.front().outcome) {
    const Waiting due = std::move(line.front());
    line.pop_front();
    shard.bytes -= due.bytes;
    --shard.stanzas;
    if (due.outcome->outcome != record::Outcome::durable)
      due.deliver({.error = StanzaError{ErrorType::wait, Condition::internal_server_error,
                                        "This could not be recorded."}});
    else if (due.owner.empty())
      due.deliver({});
    else
      due.deliver({.archive_id =
                       accounts::make_archive_id(parts_.id_key, due.owner, due.outcome->position)});
    one_less();
  }
  if (line.empty()) shard.lines.erase(key);
}

}  // namespace server
