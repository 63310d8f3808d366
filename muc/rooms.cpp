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
  return {as_refusal(in.from, *reply)};
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
        xmpp::ns::vcard, std::string_view("http://jabber.org/protocol/muc#stable_id")})
    result.add("feature", xmpp::ns::disco_info).set_attr("var", feature);
  if (world.config.about) result.add(*world.config.about);
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

const xmpp::Element* page_asked(const xmpp::Element& iq) {
  const xmpp::Element* query = iq.child("query", xmpp::ns::disco_items);
  return query == nullptr ? nullptr : query->child("set", xmpp::ns::rsm);
}

xmpp::Element page_note(const RoomsPage& page) {
  xmpp::Element set("set", xmpp::ns::rsm);
  if (!page.rooms.empty()) {
    set.add("first", xmpp::ns::rsm)
        .set_attr("index", std::to_string(page.first))
        .set_text(page.rooms.front().jid.str());
    set.add("last", xmpp::ns::rsm).set_text(page.rooms.back().jid.str());
  }
  set.add("count", xmpp::ns::rsm).set_text(std::to_string(page.all));
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

xmpp::Jid service_jid(const World& world) { return *xmpp::Jid::parse(world.config.domain); }

// XEP-0059: after, before (empty: the last page), or from the start; each page begins where the
// store finds it, so that all of them together are every room once, however many there are.
base::Result<RoomsPage, StoreError> read_rooms(RoomStore& store, const std::string& service,
                                               const xmpp::Element& iq) {
  const xmpp::Element* set = page_asked(iq);
  const std::size_t max = set == nullptr ? page_max : page_size(*set);
  const auto before = set == nullptr ? std::nullopt : child_text(*set, "before", xmpp::ns::rsm);
  const auto after = set == nullptr ? std::nullopt : child_text(*set, "after", xmpp::ns::rsm);
  const auto all = store.count_public(service, "");
  if (!all) return base::fail(all.error());
  auto rooms = before ? store.list_public_before(service, *before, max)
                      : store.list_public(service, after.value_or(""), max);
  if (!rooms) return base::fail(rooms.error());
  RoomsPage page{.rooms = std::move(*rooms), .all = *all};
  if (page.rooms.empty() || (!before && !after)) return page;
  const auto first = store.count_public(service, page.rooms.front().jid.str());
  if (!first) return base::fail(first.error());
  page.first = *first;
  return page;
}

xmpp::Element room_list(const xmpp::Element& iq, const RoomsPage& page) {
  xmpp::Element items("query", xmpp::ns::disco_items);
  for (const auto& room : page.rooms)
    items.add("item", xmpp::ns::disco_items)
        .set_attr("jid", room.jid.str())
        .set_attr("name", room.name.empty() ? std::string(room.jid.local()) : room.name);
  if (page_asked(iq) != nullptr || page.rooms.size() < page.all) items.add(page_note(page));
  xmpp::Element result = xmpp::iq_result(iq);
  result.add(std::move(items));
  return result;
}

}  // namespace muc
