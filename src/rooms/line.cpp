// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/line.h"

#include <algorithm>
#include <utility>

#include "src/rooms/lost_answer.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace server {
namespace {

// Most of what one who enters is sent is the room's own copy of who is there.
std::size_t own_bytes(const base::Payload& payload) {
  const bool shared = payload.bytes.use_count() > 1;
  return sizeof(payload) + (shared ? 0 : payload.size());
}

struct Weight {
  std::size_t operator()(const muc::Send& e) const {
    std::size_t bytes = 0;
    for (const auto& payload : e.stanzas) bytes += own_bytes(payload);
    return bytes;
  }
  std::size_t operator()(const muc::Route& e) const {
    return xmpp::to_xml(e.message, xmpp::ns::client).size();
  }
  std::size_t operator()(const muc::Broadcast& e) const {
    const bool same = e.with_jids.bytes == e.without_jids.bytes;
    return e.with_jids.size() + (same ? 0 : e.without_jids.size());
  }
  template <class Other>
  std::size_t operator()(const Other&) const {
    return 0;
  }
};

std::size_t count(const muc::Effect& effect) {
  return std::holds_alternative<muc::Handled>(effect) ? 0 : 1;
}

}  // namespace

std::size_t weight(const muc::Effect& effect) {
  return sizeof(effect) + std::visit(Weight{}, effect);
}

void Line::push(muc::Effect effect, Behind behind) {
  const std::size_t bytes = weight(effect);
  waiting_.push_back({submitted_ + (behind == Behind::next ? 1 : 0), bytes, std::move(effect)});
  effects_ += count(waiting_.back().effect);
  bytes_ += bytes;
  all_bytes_ += bytes;
}

muc::Effect Line::pop() {
  muc::Effect effect = std::move(waiting_.front().effect);
  effects_ -= count(effect);
  bytes_ -= waiting_.front().bytes;
  all_bytes_ -= waiting_.front().bytes;
  waiting_.pop_front();
  return effect;
}

std::uint64_t Line::submit(const xmpp::Jid& room, const std::vector<record::Event>& events) {
  ++submitted_;
  for (const auto& event : events) {
    const auto* posted = record::message_of(event.body);
    if (posted == nullptr) continue;
    const auto to = posted->is_private ? room.with_resource(posted->to_nick) : room;
    messages_.push_back(
        {submitted_, event.actor.jid, to.value_or(room), posted->origin_id, posted->is_private});
  }
  return submitted_;
}

void Line::settle(std::uint64_t ticket) {
  durable_ = std::max(durable_, ticket);
  while (!messages_.empty() && messages_.front().ticket <= durable_) messages_.pop_front();
}

std::vector<xmpp::Element> Line::drop() {
  std::vector<xmpp::Element> errors;
  for (const auto& message : messages_)
    errors.push_back(message_lost(message.sender, message.to, message.id, message.is_private));
  for (const auto& waiting : waiting_) append_lost_answers(waiting.effect, errors);
  clear();
  return errors;
}

void Line::clear() {
  all_bytes_ -= std::exchange(bytes_, 0);
  effects_ = 0;
  waiting_.clear();
  messages_.clear();
}

}  // namespace server
