// SPDX-License-Identifier: Apache-2.0
#include "muc/history/history.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.h"
#include "muc/people/names.h"
#include "muc/state/room.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {

const Setting<std::int64_t> max_history_fetch{.var = "muc#maxhistoryfetch",
                                              .fallback = 500,
                                              .label = "Most messages given to who enters",
                                              .min = 0,
                                              .max = 500};

namespace {
Status logging_status(std::string_view now) {
  return now == "1" ? Status::logged : Status::not_logged;
}
}  // namespace

const Setting<bool> keeps_history{
    .var = "muc#roomconfig_enablelogging",
    .fallback = true,
    .label = "What is said is kept, and those who may enter can read it later",
    .status = logging_status};

namespace {

constexpr std::string_view closing = "</message>";
constexpr std::uint32_t hole = sizeof("<message") - 1;

template <class T>
std::optional<T> number_of(const xmpp::Element& e, std::string_view name) {
  const std::string* text = e.find_attr(name);
  T value = 0;
  if (text == nullptr) return std::nullopt;
  const char* end = text->data() + text->size();
  const auto result = std::from_chars(text->data(), end, value);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

HistoryWish parse_history(const xmpp::Element& muc_x) {
  HistoryWish wish;
  const xmpp::Element* history = muc_x.child("history", xmpp::ns::muc);
  if (history == nullptr) return wish;
  wish.max_chars = number_of<std::size_t>(*history, "maxchars");
  wish.max_stanzas = number_of<std::size_t>(*history, "maxstanzas");
  constexpr std::int64_t century = 100LL * 366 * 86400;
  if (const auto n = number_of<std::int64_t>(*history, "seconds"); n && *n >= 0)
    wish.seconds = base::seconds(std::min(*n, century));
  wish.since = xmpp::parse_datetime(history->attr("since"));
  return wish;
}

namespace {

struct Bounds {
  std::size_t count, chars, bytes;
  base::Time since;
};

Bounds bounds_of(const Room& room, const HistoryWish& wish, base::Time now) {
  const Limits& limits = room.world.config.limits;
  const auto fetch = static_cast<std::size_t>(room.settings.get(max_history_fetch));
  const std::size_t most = std::min(limits.history_max, fetch);
  const bool by_time = wish.seconds || wish.since;
  const std::size_t usual = by_time ? most : limits.history_on_join;
  base::Time since{std::numeric_limits<std::int64_t>::min()};
  if (wish.seconds) since = now - *wish.seconds;
  if (wish.since) since = std::max(since, *wish.since);
  return {std::min(wish.max_stanzas.value_or(usual), most),
          wish.max_chars.value_or(std::numeric_limits<std::size_t>::max()), limits.history_bytes,
          since};
}

}  // namespace

HistoryPlan plan_history(const Room& room, const xmpp::Jid& real, const HistoryWish& wish,
                         base::Time now) {
  HistoryPlan plan;
  Bounds left = bounds_of(room, wish, now);
  if (left.chars == 0 || left.count == 0) return plan;
  const HistoryRequest request{.room_id = room.id,
                               .before_number = room.number + 1,
                               .max_items = left.count,
                               .since = std::max(left.since, base::Time{0}),
                               .max_bytes = left.bytes};
  const auto& items = room.ring.items();
  bool enough = room.ring.complete();
  for (auto at = items.rbegin(); at != items.rend(); ++at) {
    const std::size_t size = wish.max_chars ? characters(at->payload, real) : 0;
    const std::size_t bytes = at->payload.size();
    if (left.count == 0 || at->at < left.since || size > left.chars || bytes > left.bytes) {
      enough = true;
      break;
    }
    --left.count;
    left.chars -= size;
    left.bytes -= bytes;
    plan.stanzas.push_back(at->payload);
    plan.first = at->number;
    if (plan.last == 0) plan.last = at->number;
  }
  if (left.count == 0 || enough || room.reading_history.count(real) != 0) {
    std::reverse(plan.stanzas.begin(), plan.stanzas.end());
    return plan;
  }
  HistoryPlan ask;
  ask.query = request;
  ask.max_chars = wish.max_chars;
  return ask;
}

bool replayable(std::string_view stanza) {
  return stanza.substr(0, hole) == "<message" && stanza.size() > hole + closing.size() &&
         stanza.substr(stanza.size() - closing.size()) == closing;
}

base::Payload replay(std::string_view stanza, const xmpp::Jid& room, base::Time at) {
  CHECK(replayable(stanza));
  std::string text(stanza.substr(0, stanza.size() - closing.size()));
  text += "<delay xmlns='";
  text += xmpp::ns::delay;
  text += "' from='";
  xmpp::append_escaped(text, room.str());
  text += "' stamp='" + xmpp::format_datetime(at) + "'/>";
  text += closing;
  return base::make_payload(std::move(text), hole);
}

std::size_t characters(const base::Payload& payload, const xmpp::Jid& real) {
  return count_characters(*payload.bytes) + count_characters(xmpp::splice_to(real.str()));
}

Service::RenderedHistory select_history(const HistoryQuery& query,
                                        const std::vector<HistoryItem>& items) {
  Service::RenderedHistory history;
  std::size_t left = query.max_chars.value_or(0);
  std::size_t bytes_left = query.request.max_bytes;
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    if (!replayable(item->stanza)) continue;
    base::Payload payload = replay(item->stanza, query.room, item->at);
    const std::size_t size = query.max_chars ? characters(payload, query.to) : 0;
    if (size > left || payload.size() > bytes_left) break;
    left -= size;
    bytes_left -= payload.size();
    history.stanzas.push_back(std::move(payload));
    history.first = item->number;
    if (history.last == 0) history.last = item->number;
  }
  std::reverse(history.stanzas.begin(), history.stanzas.end());
  return history;
}

}  // namespace muc
