// SPDX-License-Identifier: Apache-2.0
#include "muc/history/ring.h"

#include <algorithm>

#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"
#include "xmpp/retraction.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

std::string occupant_id_of(const xmpp::Element& message) {
  const xmpp::Element* id = message.child("occupant-id", xmpp::ns::occupant_id);
  return id == nullptr ? std::string() : std::string(id->attr("id"));
}

}  // namespace

void Ring::push(Remembered message) {
  bytes_ += message.payload.size();
  items_.push_back(std::move(message));
  if (bytes_ > bytes_max_) complete_ = false;  // a store stops there too
  std::size_t over = 0;
  for (; over < items_.size(); ++over) {
    const std::size_t oldest = items_[over].payload.size();
    if (items_.size() - over <= capacity_ && bytes_ - oldest <= bytes_max_) break;
    bytes_ -= oldest;
    complete_ = false;
  }
  items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(over));
}

void Ring::forget(std::int64_t up_to, base::Time before) {
  std::erase_if(items_, [&](const Remembered& message) {
    if (message.number > up_to || message.at >= before) return false;
    bytes_ -= message.payload.size();
    return true;
  });
}

Ring::Found Ring::take_back(std::int64_t number, const xmpp::Element& retracted,
                            std::string_view occupant_id) {
  for (Remembered& item : items_) {
    if (item.number != number) continue;
    auto message = xmpp::read_stanza(*item.payload.bytes);
    if (!message || (!occupant_id.empty() && occupant_id_of(*message) != occupant_id))
      return Found::not_here;
    if (!xmpp::make_tombstone(*message, retracted)) return Found::gone_already;
    bytes_ -= item.payload.size();
    item.payload = xmpp::to_payload(*message, xmpp::ns::client);
    bytes_ += item.payload.size();
    return Found::taken_back;
  }
  return Found::not_here;
}

std::vector<Ring::Named> Ring::named(std::string_view id) const {
  std::string attribute = "id='";
  xmpp::append_escaped(attribute, id);
  attribute += '\'';
  std::vector<Named> found;
  for (const Remembered& item : items_) {
    if (item.payload.bytes->find(attribute) == std::string::npos) continue;
    const auto message = xmpp::read_stanza(*item.payload.bytes);
    if (message && message->attr("id") == id)
      found.push_back({item.number, occupant_id_of(*message)});
  }
  return found;
}

}  // namespace muc
