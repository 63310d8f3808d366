// SPDX-License-Identifier: Apache-2.0
#include "muc/history/archive.h"

#include <algorithm>

#include "muc/history/ids.h"
#include "xmpp/errors/stanza_error.h"
#include "xmpp/mam.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

class Answering {
 public:
  Answering(const ArchiveQuery& query, std::string_view id_key) : query_(query), id_key_(id_key) {}

  ArchiveAnswer not_found() const {
    const auto error = xmpp::error_reply(
        query_.iq, {xmpp::Condition::item_not_found, "There is no such message in the archive."});
    return {.stanzas = {xmpp::to_payload(*error, xmpp::ns::client)}};
  }

  ArchiveAnswer page(const ArchivePage& page) const {
    ArchiveAnswer answer;
    xmpp::MamFin fin{.page = {.count = page.count}, .complete = page.complete};
    for (const auto& item : page.items) {
      if (!xmpp::forwardable(item.stanza)) continue;
      answer.stanzas.push_back(message(item));
      if (answer.first == 0) answer.first = item.number;
      answer.last = item.number;
      ++answer.count;
    }
    // Pages go on behind what was read, whether or not it could be shown.
    if (!page.items.empty()) {
      fin.page.first = id(page.items.front());
      fin.page.last = id(page.items.back());
    }
    if (query_.flipped) std::ranges::reverse(answer.stanzas);
    answer.stanzas.push_back(result(xmpp::to_element(fin)));
    return answer;
  }

  ArchiveAnswer metadata(const ArchivePage& oldest, const ArchivePage& newest) const {
    xmpp::MamMetadata ends;
    if (!oldest.items.empty() && !newest.items.empty()) {
      ends.start = {id(oldest.items.front()), oldest.items.front().at};
      ends.end = {id(newest.items.back()), newest.items.back().at};
    }
    return {.stanzas = {result(xmpp::to_element(ends))}};
  }

 private:
  std::string id(const HistoryItem& item) const {
    return make_stanza_id(id_key_, {query_.request.room_id, item.number});
  }

  base::Payload result(xmpp::Element payload) const {
    xmpp::Element iq = xmpp::iq_result(query_.iq);
    iq.add(std::move(payload));
    return xmpp::to_payload(iq, xmpp::ns::client);
  }

  base::Payload message(const HistoryItem& item) const {
    const auto room = xmpp::Jid::parse(query_.iq.attr("to"));
    const std::string own_id = id(item);
    const bool known = query_.shows_jids && !item.sender.empty();
    const std::string sender = known ? who(item) : std::string();
    return xmpp::mam_result(*room, query_.query_id,
                            {.id = own_id, .at = item.at, .stanza = item.stanza, .more = sender});
  }

  // Whatever of this kind the sender had put in was taken out when it was said.
  static std::string who(const HistoryItem& item) {
    xmpp::Element x("x", xmpp::ns::muc_user);
    x.add("item", xmpp::ns::muc_user).set_attr("jid", item.sender.str());
    return xmpp::to_xml(x, xmpp::ns::client);
  }

  const ArchiveQuery& query_;
  const std::string_view id_key_;
};

}  // namespace

base::Result<ArchiveAnswer, StoreError> read_archive(RoomStore& store, const ArchiveQuery& query,
                                                     std::string_view id_key) {
  const Answering answering(query, id_key);
  const auto page = store.archive(query.request);
  if (!page) return base::fail(page.error());
  if (page->missing) return answering.not_found();
  if (!query.metadata) return answering.page(*page);
  ArchiveRequest other_end = query.request;
  other_end.newest = true;
  const auto newest = store.archive(other_end);
  if (!newest) return base::fail(newest.error());
  return answering.metadata(*page, *newest);
}

std::shared_ptr<const void> Readings::take(const xmpp::Jid& account) {
  const auto given_back = [](const auto& place) { return place.expired(); };
  if (taken_.size() >= sweep_at_) {
    std::erase_if(taken_,
                  [&](const auto& of) { return std::ranges::all_of(of.second, given_back); });
    sweep_at_ = std::max<std::size_t>(1000, 2 * taken_.size());
  }
  Places& places = taken_[account];
  std::erase_if(places, given_back);
  if (places.size() >= each_) return nullptr;
  std::shared_ptr<const void> place = std::make_shared<char>();
  places.push_back(place);
  return place;
}

}  // namespace muc
