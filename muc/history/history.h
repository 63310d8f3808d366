// SPDX-License-Identifier: Apache-2.0
// History on entry (XEP-0045 7.2.13, 7.2.14): the newest messages are kept in memory, ready to
// send; who asks for more than that is given the store's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/payload.h"
#include "base/time.h"
#include "muc/history/ring.h"
#include "muc/room_store.h"
#include "muc/service.h"
#include "muc/state/settings.h"
#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace muc {

class Room;

// The most that one who enters may fetch.
extern const Setting<std::int64_t> max_history_fetch;

// Whether what is said goes into the room's history. The record has it either way.
extern const Setting<bool> keeps_history;

// What <history/> asks for. Values that make no sense are as if they had not been given
// (BI-MUC-23).
struct HistoryWish {
  std::optional<std::size_t> max_chars, max_stanzas;
  std::optional<base::Micros> seconds;
  std::optional<base::Time> since;
};
HistoryWish parse_history(const xmpp::Element& muc_x);  // of somebody's presence

struct HistoryPlan {
  std::vector<base::Payload> stanzas;  // oldest first
  std::int64_t first = 0, last = 0;
  std::optional<HistoryRequest> query;  // set: memory does not reach back far enough
  std::optional<std::size_t> max_chars;
};
// For one who enters as `real`, whose address counts among the characters. While a query of this
// session is under way there is no other: what is in memory has to do.
HistoryPlan plan_history(const Room& room, const xmpp::Jid& real, const HistoryWish& wish,
                         base::Time now);

// What the store gave for `query`, as it goes out.
Service::RenderedHistory select_history(const HistoryQuery& query,
                                        const std::vector<HistoryItem>& items);

// A stanza as recorded (canonical, without 'to'), with a delay of `room` in it.
base::Payload replay(std::string_view stanza, const xmpp::Jid& room, base::Time at);
// Whether what a store gave back has that form; anything else is left out.
bool replayable(std::string_view stanza);

// Characters of the stanza as `real` sees it: the 'to' included.
std::size_t characters(const base::Payload& payload, const xmpp::Jid& real);

}  // namespace muc
