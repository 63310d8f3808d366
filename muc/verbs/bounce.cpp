// SPDX-License-Identifier: Apache-2.0
// Errors that come back from an occupant's address, XEP-0045 18.1.2: one that says that nobody is
// there any more ends the occupant's stay. Only its own server can say so (BI-MUC-37), and nobody
// sees the error's text.
#include <algorithm>

#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;

constexpr Condition gone_for_good[] = {
    Condition::gone,     Condition::item_not_found,          Condition::recipient_unavailable,
    Condition::redirect, Condition::remote_server_not_found, Condition::remote_server_timeout};

bool says_gone(const xmpp::Element& stanza) {
  const xmpp::Element* error = stanza.child("error", xmpp::ns::client);
  if (error == nullptr || !xmpp::parse_error_type(error->attr("type"))) return false;
  bool found = false;
  error->for_each_child([&](const xmpp::Element& child) {
    if (child.ns() != xmpp::ns::stanza_errors) return;
    const auto condition = xmpp::parse_condition(child.name());
    found = found || (condition && std::find(std::begin(gone_for_good), std::end(gone_for_good),
                                             *condition) != std::end(gone_for_good));
  });
  return found;
}

}  // namespace

void bounce(Turn& turn, const Incoming& in) {
  Occupant* occupant = turn.room.occupants.by_session(in.from);
  if (occupant == nullptr || !says_gone(in.stanza)) return;
  const Eviction eviction{.cause = record::LeaveCause::timeout, .codes = {Status::technical_error}};
  if (occupant->sessions.size() > 1)  // the others are still there
    return evict_session(turn, *occupant, in.from, eviction);
  turn.broadcast(evict(turn, *occupant, eviction));
  after_leaving(turn);
}

}  // namespace muc
