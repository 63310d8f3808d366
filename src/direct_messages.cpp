// SPDX-License-Identifier: Apache-2.0
#include "src/direct_messages.h"

#include <algorithm>
#include <utility>

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

// Nothing but that somebody is typing, and what goes with it. A state with content is none.
bool only_chat_state(const Element& message) {
  bool state = false, more = false;
  message.for_each_child([&](const Element& child) {
    const bool empty = child.text().empty() && child.first_child() == nullptr;
    if (child.ns() == chat_states && empty)
      state = true;
    else if (!(child.ns() == hints && empty) && !child.is("thread", xmpp::ns::client))
      more = true;
  });
  return state && !more;
}

}  // namespace

void DirectMessages::pass(std::size_t at, const Element& stanza, const xmpp::Jid& to, bool heard,
                          Deliver deliver) {
  Shard& shard = shards_[at];
  const bool record = heard && stanza.name() == "message" && !only_chat_state(stanza);
  std::string key;
  key.append(stanza.attr("from")).append(1, '\n').append(to.bare_str());
  const auto line = shard.lines.find(key);
  if (!record && line == shard.lines.end()) return deliver(std::nullopt);

  if (record)
    if (auto error = refuse(shard)) return deliver(std::move(error));
  Waiting waiting{.deliver = std::move(deliver), .outcome = {}};
  std::string text;
  if (record) {
    text = xmpp::to_xml(stanza, xmpp::ns::client);
    waiting.bytes = text.size();
  } else {
    waiting.outcome = record::Outcome::durable;  // needs none, only its turn
  }
  ++shard.stanzas;
  shard.bytes += waiting.bytes;
  (line != shard.lines.end() ? line->second : shard.lines[key]).push_back(std::move(waiting));
  if (record) submit(at, key, stanza, to, std::move(text));
}

std::optional<StanzaError> DirectMessages::refuse(const Shard& shard) const {
  if (shard.stanzas >= parts_.limits.stanzas || shard.bytes >= parts_.limits.bytes)
    return StanzaError{ErrorType::wait, Condition::resource_constraint,
                       "Too much waits for the record. Try again in a moment."};
  return refusal(parts_.door.state());
}

void DirectMessages::submit(std::size_t at, const std::string& key, const Element& message,
                            const xmpp::Jid& to, std::string text) {
  record::Event event{.at = parts_.clock.wall()};
  if (auto from = xmpp::Jid::parse(message.attr("from"))) event.actor.jid = std::move(*from);
  event.body = record::DirectMessage{
      .to = to,
      .stanza = std::move(text),
      .body = xmpp::child_text(message, "body", xmpp::ns::client).value_or(""),
      .origin_id = std::string(message.attr("id"))};
  std::vector<record::Event> events;
  events.push_back(std::move(event));
  parts_.recorder.submit(std::move(events), [this, at, key](record::Outcome outcome) {
    parts_.shards[at].post([this, at, key, outcome] { settled(shards_[at], key, outcome); });
  });
}

// The recorder answers in the order of submission, so the first that has no outcome is meant.
void DirectMessages::settled(Shard& shard, const std::string& key, record::Outcome outcome) {
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
    if (*due.outcome == record::Outcome::durable)
      due.deliver(std::nullopt);
    else
      due.deliver(StanzaError{ErrorType::wait, Condition::internal_server_error,
                              "This could not be recorded."});
  }
  if (line.empty()) shard.lines.erase(key);
}

}  // namespace server
