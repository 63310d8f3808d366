// SPDX-License-Identifier: Apache-2.0
#include "bridge/stanza_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "xmpp/ns.h"

namespace bridge {
namespace {

using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;

constexpr std::array<std::pair<std::string_view, PresenceType>, 7> presence_types{{
    {"unavailable", PresenceType::unavailable},
    {"subscribe", PresenceType::subscribe},
    {"subscribed", PresenceType::subscribed},
    {"unsubscribe", PresenceType::unsubscribe},
    {"unsubscribed", PresenceType::unsubscribed},
    {"probe", PresenceType::probe},
    {"error", PresenceType::error},
}};

std::optional<StanzaError> bad_request(std::string text) {
  return StanzaError{Condition::bad_request, std::move(text)};
}

// RFC 6120 §8.2.3
std::optional<StanzaError> check_iq(const Element& iq) {
  const std::string* id = iq.find_attr("id");
  const std::string_view type = iq.attr("type");
  if (id == nullptr || id->empty()) return bad_request("An IQ needs an id.");
  if (type != "get" && type != "set" && type != "result" && type != "error")
    return bad_request("The type of an IQ is get, set, result or error.");
  if (is_iq_request(iq) && iq.child_count() != 1)
    return bad_request("An IQ request has exactly one child element.");
  return std::nullopt;
}

std::optional<StanzaError> check_presence(const Element& presence) {
  const auto type = presence_type(presence);
  if (!type) return bad_request("Unknown presence type.");
  if (*type == PresenceType::available && !presence_priority(presence))
    return bad_request("A priority is a number from -128 to 127.");
  return std::nullopt;
}

bool hears_bare(const Candidate& candidate) {
  return candidate.available && candidate.priority >= 0;
}

// RFC 6121 §8.5.2.1.1: the most available resource, or all that are equally so.
std::vector<std::size_t> highest(std::span<const Candidate> candidates) {
  std::vector<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!hears_bare(candidates[i])) continue;
    if (!best.empty() && candidates[i].priority > candidates[best.front()].priority) best.clear();
    if (best.empty() || candidates[i].priority == candidates[best.front()].priority)
      best.push_back(i);
  }
  return best;
}

std::vector<std::size_t> all_that_hear(std::span<const Candidate> candidates) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (hears_bare(candidates[i])) all.push_back(i);
  return all;
}

}  // namespace

std::optional<Kind> kind_of(const Element& element) {
  if (element.ns() != xmpp::ns::client) return std::nullopt;
  if (element.name() == "message") return Kind::message;
  if (element.name() == "presence") return Kind::presence;
  if (element.name() == "iq") return Kind::iq;
  return std::nullopt;
}

MessageType message_type(const Element& message) {
  const std::string_view type = message.attr("type");
  if (type == "chat") return MessageType::chat;
  if (type == "groupchat") return MessageType::groupchat;
  if (type == "headline") return MessageType::headline;
  if (type == "error") return MessageType::error;
  return MessageType::normal;  // RFC 6121 §5.2.2
}

std::optional<PresenceType> presence_type(const Element& presence) {
  const std::string* type = presence.find_attr("type");
  if (type == nullptr) return PresenceType::available;
  for (const auto& [name, value] : presence_types)
    if (*type == name) return value;
  return std::nullopt;
}

bool is_subscription(PresenceType type) {
  return type == PresenceType::subscribe || type == PresenceType::subscribed ||
         type == PresenceType::unsubscribe || type == PresenceType::unsubscribed;
}

std::optional<int> presence_priority(const Element& presence) {
  const auto text = xmpp::child_text(presence, "priority", xmpp::ns::client);
  if (!text) return 0;
  const char* first = text->data();
  const char* last = first + text->size();
  int value = 0;
  if (first != last && *first == '+') ++first;  // xs:byte allows it
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc{} || end != last || value < -128 || value > 127) return std::nullopt;
  return value;
}

bool is_iq_request(const Element& iq) {
  return iq.attr("type") == "get" || iq.attr("type") == "set";
}

std::optional<StanzaError> check_stanza(const Element& stanza) {
  // BI-STZ-09: nobody's stanza may carry a control element of somebody else's stream.
  if (stanza.child_in(xmpp::ns::streams) != nullptr)
    return bad_request("Elements of the stream do not belong into a stanza.");
  switch (*kind_of(stanza)) {
    case Kind::iq:
      return check_iq(stanza);
    case Kind::presence:
      return check_presence(stanza);
    case Kind::message:
      break;
  }
  return std::nullopt;
}

MessageRoute route_message(MessageType type, bool to_full_jid,
                           std::span<const Candidate> candidates) {
  if (to_full_jid) {
    const auto addressed = std::find_if(candidates.begin(), candidates.end(),
                                        [](const Candidate& c) { return c.addressed; });
    if (addressed != candidates.end())
      return {{static_cast<std::size_t>(addressed - candidates.begin())}, false};
  }
  switch (type) {
    case MessageType::error:
      return {};
    case MessageType::headline:
      if (to_full_jid) return {};  // §8.5.3.2.1: news for a resource that is gone is no news
      return {all_that_hear(candidates), false};
    case MessageType::groupchat:
      return {{}, true};
    case MessageType::normal:
      if (to_full_jid) return {{}, true};
      break;
    case MessageType::chat:  // §8.5.3.2.1: as if for the bare JID
      break;
  }
  MessageRoute route{highest(candidates), false};
  route.refused = route.hears.empty();
  return route;
}

std::optional<Element> refusal(const Element& stanza, const StanzaError& error) {
  auto reply = xmpp::error_reply(stanza, error);
  if (reply && reply->name() == "iq" && reply->find_attr("id") == nullptr)
    reply->set_attr("id", "");
  return reply;
}

}  // namespace bridge
