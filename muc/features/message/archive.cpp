// SPDX-License-Identifier: Apache-2.0
// The room's archive: what was said and which subjects were set, page by page, for those who may
// enter the room now, whether or not they are inside. Who said it is told to those who may see real
// JIDs now.
#include <algorithm>

#include "muc/feature.h"
#include "muc/turn.h"
#include "xmpp/mam.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

constexpr std::size_t usual_page = 50;

bool is_inside(const Room& room, const xmpp::Jid& real) {
  return room.occupants.by_session(real) != nullptr;
}

// "MUST check that the user requesting the archive has the right to enter it at the time of the
// query"; and who has not is told no more than that.
Refusal gate(const Room& room, const xmpp::Jid& real) {
  const Affiliation affiliation = room.affiliation_of(real);
  Refusal refusal = first_refusal<&Feature::gate_access>(room, real, affiliation);
  if (!refusal && !is_inside(room, real))
    refusal = first_refusal<&Feature::gate_reading>(room, real, affiliation);
  if (!refusal) return std::nullopt;
  return StanzaError{Condition::forbidden, "You may not read what was said in this room."};
}

// Of one who is not inside there is no role: those count who would be moderators.
bool sees_jids(const Room& room, const xmpp::Jid& real) {
  if (const Occupant* occupant = room.occupants.by_session(real)) return room.sees_jids(*occupant);
  return room.shows_jids || room.affiliation_of(real) >= Affiliation::admin;
}

// The numbers that a query names by ids of ours.
class Named {
 public:
  explicit Named(const Room& room) : room_(room) {}

  // Narrows the request to what lies on one side of `id`, if there is any.
  bool after(ArchiveRequest& request, const std::optional<std::string>& id) const {
    return bound(request, id, [&](std::int64_t n) { request.after = std::max(request.after, n); });
  }
  bool before(ArchiveRequest& request, const std::optional<std::string>& id) const {
    return bound(request, id,
                 [&](std::int64_t n) { request.before = std::min(request.before, n); });
  }
  bool only(ArchiveRequest& request, const std::vector<std::string>& ids) const {
    return std::ranges::all_of(ids, [&](const std::string& id) {
      const auto found = room_.number_named(id);
      if (found) request.only.push_back(*found);
      return found.has_value();
    });
  }

 private:
  template <class Set>
  bool bound(ArchiveRequest& request, const std::optional<std::string>& id, Set&& set) const {
    if (!id) return true;
    const auto found = room_.number_named(*id);
    if (!found) return false;
    request.named.push_back(*found);
    set(*found);
    return true;
  }
  const Room& room_;
};

// By occupant JID everybody may ask, by real JID those who are shown them.
Refusal by_whom(const Room& room, const xmpp::Jid& asker, const xmpp::Jid& with,
                ArchiveRequest& request) {
  if (with.bare() == room.jid) {
    if (!with.is_bare()) request.nick = std::string(with.resource());
    return std::nullopt;
  }
  if (!sees_jids(room, asker))
    return StanzaError{Condition::forbidden, "You may not know who is who in this room."};
  request.sender = with;
  return std::nullopt;
}

// Empty: from the beginning (XEP-0059 2.2), to the end (2.5).
std::optional<std::string> given(const std::optional<std::string>& id) {
  return id && !id->empty() ? id : std::nullopt;
}

base::Result<ArchiveRequest, StanzaError> to_request(const Room& room, const xmpp::Jid& asker,
                                                     const xmpp::MamQuery& query) {
  const std::size_t most = room.world.config.limits.archive_page;
  ArchiveRequest request{.room_id = room.id,
                         .newest = query.page.backward(),
                         .max_items = std::min(query.page.max.value_or(usual_page), most)};
  if (query.start) request.start = *query.start;
  if (query.end) request.end = *query.end;
  if (query.with)
    if (auto refusal = by_whom(room, asker, *query.with, request))
      return base::fail(std::move(*refusal));
  if (query.ids.size() > most)
    return base::fail(StanzaError{xmpp::ErrorType::modify, Condition::not_acceptable,
                                  "At most " + std::to_string(most) + " ids at a time."});
  const Named named(room);
  if (!named.after(request, query.after_id) || !named.before(request, query.before_id) ||
      !named.after(request, given(query.page.after)) ||
      !named.before(request, given(query.page.before)) || !named.only(request, query.ids))
    return base::fail(
        StanzaError{Condition::item_not_found, "There is no such message in the archive."});
  return request;
}

// Hands the question on, unless its asker has enough under way.
void ask(Turn& turn, const Incoming& in, ArchiveQuery query) {
  query.place = turn.room.world.readings->take(in.from.bare());
  if (query.place == nullptr)
    return turn.refuse(in, {xmpp::ErrorType::wait, Condition::resource_constraint,
                            "Wait for the answers to what you have asked."});
  query.iq = in.stanza;
  query.iq.nodes().clear();
  turn.effects.emplace_back(std::move(query));
}

void ask_page(Turn& turn, const Incoming& in, const xmpp::Element& asked) {
  auto parsed = xmpp::parse_mam_query(asked);
  if (!parsed) return turn.refuse(in, parsed.error());
  auto request = to_request(turn.room, in.from, *parsed);
  if (!request) return turn.refuse(in, request.error());
  ask(turn, in,
      {.request = std::move(*request),
       .query_id = parsed->query_id,
       .flipped = parsed->flipped,
       .shows_jids = sees_jids(turn.room, in.from),
       .viewed =
           turn.read_event(actor_of(turn.room, in.from), record::HistoryViewed{.via = "mam"})});
}

// Where the archive begins and ends. Nothing that was said is shown, so nothing is recorded.
void ask_metadata(Turn& turn, const Incoming& in) {
  ask(turn, in, {.request = {.room_id = turn.room.id, .max_items = 1}, .metadata = true});
}

bool handle_iq(Turn& turn, const Incoming& in) {
  const xmpp::Element* query = in.stanza.child("query", xmpp::ns::mam);
  const xmpp::Element* metadata = in.stanza.child("metadata", xmpp::ns::mam);
  if (query == nullptr && metadata == nullptr) return false;
  const bool get = in.stanza.attr("type") == "get";
  if (const auto refusal = gate(turn.room, in.from))
    turn.refuse(in, *refusal);
  else if (query == nullptr && !get)
    turn.refuse(in, {Condition::bad_request});
  else if (query == nullptr)
    ask_metadata(turn, in);
  else if (get)
    turn.answer(in, xmpp::mam_form());
  else
    ask_page(turn, in, *query);
  return true;
}

void disco(const Room&, DiscoInfo& info) {
  info.features.emplace_back(xmpp::ns::mam);
  info.features.emplace_back(xmpp::ns::mam_extended);
}

}  // namespace

extern const Feature archive_feature{
    .name = "archive", .spec = "XEP-0313", .disco = disco, .handle_iq = handle_iq};

}  // namespace muc
