// SPDX-License-Identifier: Apache-2.0
#include "muc/rooms.h"

#include <algorithm>
#include <charconv>

#include "xmpp/errors/stanza_error.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;

constexpr std::size_t page_max = 500;

Effects say(const Incoming& in, const std::optional<xmpp::Element>& reply) {
  if (!reply) return {};
  return {Send{in.from, {xmpp::to_payload(*reply, xmpp::ns::client)}}};
}

Effects refuse(const Incoming& in, const xmpp::StanzaError& error) {
  return say(in, xmpp::error_reply(in.stanza, error));
}

Effects info(const World& world, const Incoming& in, const xmpp::Element& query) {
  if (!query.attr("node").empty()) return refuse(in, {Condition::item_not_found});
  xmpp::Element result("query", xmpp::ns::disco_info);
  result.add("identity", xmpp::ns::disco_info)
      .set_attr("category", "conference")
      .set_attr("type", "text")
      .set_attr("name", world.config.name);
  for (const std::string_view feature :
       {xmpp::ns::muc, xmpp::ns::disco_info, xmpp::ns::disco_items, xmpp::ns::ping, xmpp::ns::rsm,
        std::string_view("http://jabber.org/protocol/muc#stable_id")})
    result.add("feature", xmpp::ns::disco_info).set_attr("var", feature);
  xmpp::Element reply = xmpp::iq_result(in.stanza);
  reply.add(std::move(result));
  return say(in, reply);
}

std::size_t page_size(const xmpp::Element& set) {
  std::size_t max = page_max;
  if (const auto text = child_text(set, "max", xmpp::ns::rsm))
    std::from_chars(text->data(), text->data() + text->size(), max);
  return std::min(max, page_max);
}

struct Page {
  std::size_t first = 0, end = 0;
};

// XEP-0059: after, before (empty: the last page), or from the start. `rooms` is ordered by JID.
Page page_of(const std::vector<RoomListing>& rooms, const xmpp::Element* set) {
  const std::size_t all = rooms.size();
  if (set == nullptr) return {0, std::min(all, page_max)};
  const std::size_t max = page_size(*set);
  const auto place = [&](const std::string& jid) {
    return static_cast<std::size_t>(
        std::lower_bound(
            rooms.begin(), rooms.end(), jid,
            [](const RoomListing& r, const std::string& j) { return r.jid.str() < j; }) -
        rooms.begin());
  };
  if (const auto before = child_text(*set, "before", xmpp::ns::rsm)) {
    const std::size_t end = before->empty() ? all : place(*before);
    return {end - std::min(end, max), end};
  }
  std::size_t first = 0;
  if (const auto after = child_text(*set, "after", xmpp::ns::rsm)) {
    first = place(*after);
    if (first < all && rooms[first].jid.str() == *after) ++first;
  }
  return {first, first + std::min(all - first, max)};
}

xmpp::Element page_note(const std::vector<RoomListing>& rooms, const Page& page) {
  xmpp::Element set("set", xmpp::ns::rsm);
  if (page.first < page.end) {
    set.add("first", xmpp::ns::rsm)
        .set_attr("index", std::to_string(page.first))
        .set_text(rooms[page.first].jid.str());
    set.add("last", xmpp::ns::rsm).set_text(rooms[page.end - 1].jid.str());
  }
  set.add("count", xmpp::ns::rsm).set_text(std::to_string(rooms.size()));
  return set;
}

}  // namespace

Effects service_request(const World& world, const Incoming& in) {
  if (in.stanza.name() == "presence") return {};
  if (in.stanza.name() == "message") return refuse(in, {Condition::service_unavailable});
  const auto type = in.stanza.attr("type");
  if (type != "get" && type != "set") return {};
  const xmpp::Element* query = in.stanza.child("query", xmpp::ns::disco_info);
  if (type == "get" && query != nullptr) return info(world, in, *query);
  query = in.stanza.child("query", xmpp::ns::disco_items);
  if (type == "get" && query != nullptr) {
    if (!query->attr("node").empty()) return refuse(in, {Condition::item_not_found});
    return {RoomsQuery{in.stanza}};
  }
  if (type == "get" && in.stanza.child("ping", xmpp::ns::ping) != nullptr)
    return say(in, xmpp::iq_result(in.stanza));
  return refuse(in, {Condition::service_unavailable});
}

xmpp::Element room_list(const xmpp::Element& iq, const std::vector<RoomListing>& rooms) {
  const xmpp::Element* query = iq.child("query", xmpp::ns::disco_items);
  const xmpp::Element* set = query == nullptr ? nullptr : query->child("set", xmpp::ns::rsm);
  const Page page = page_of(rooms, set);
  xmpp::Element items("query", xmpp::ns::disco_items);
  for (std::size_t i = page.first; i < page.end; ++i) {
    const std::string name =
        rooms[i].name.empty() ? std::string(rooms[i].jid.local()) : rooms[i].name;
    items.add("item", xmpp::ns::disco_items)
        .set_attr("jid", rooms[i].jid.str())
        .set_attr("name", name);
  }
  if (set != nullptr || page.end - page.first < rooms.size()) items.add(page_note(rooms, page));
  xmpp::Element result = xmpp::iq_result(iq);
  result.add(std::move(items));
  return result;
}

}  // namespace muc
