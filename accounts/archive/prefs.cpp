// SPDX-License-Identifier: Apache-2.0
#include "accounts/archive/prefs.h"

#include <algorithm>
#include <array>

#include "accounts/personal/limits.h"
#include "accounts/personal/space.h"
#include "xmpp/ns.h"

namespace accounts {
namespace {

namespace ns = xmpp::ns;
using record::ArchiveDefault;
using xmpp::Condition;
using xmpp::Element;
using xmpp::Jid;
using xmpp::StanzaError;

constexpr std::array<std::string_view, 3> defaults{"always", "never", "roster"};  // by value

Element to_element(const ArchivePreferences& preferences) {
  Element prefs("prefs", ns::mam);
  prefs.set_attr("default", defaults[static_cast<std::size_t>(preferences.fallback)]);
  const auto list = [&](std::string_view name, const std::vector<Jid>& jids) {
    Element& element = prefs.add(name, ns::mam);
    for (const Jid& jid : jids) element.add("jid", ns::mam).set_text(jid.str());
  };
  list("always", preferences.always);
  list("never", preferences.never);
  return prefs;
}

std::optional<StanzaError> read_list(const Element& prefs, std::string_view name,
                                     std::vector<Jid>& jids) {
  const Element* list = prefs.child(name, ns::mam);
  if (list == nullptr) return std::nullopt;
  std::set<Jid> seen;
  std::optional<StanzaError> wrong;
  list->for_each_child([&](const Element& child) {
    if (wrong || !child.is("jid", ns::mam)) return;
    const auto jid = Jid::parse(child.text());
    if (!jid)
      wrong = StanzaError{Condition::jid_malformed, "Each <jid/> is an address."};
    else if (seen.insert(*jid).second)
      jids.push_back(*jid);
  });
  return wrong;
}

Answer set(Turn& turn) {
  const Element& prefs = turn.payload();
  ArchivePreferences wanted;
  const auto fallback = std::ranges::find(defaults, prefs.attr("default"));
  if (fallback == defaults.end())
    return StanzaError{Condition::bad_request, "The default is always, never or roster."};
  wanted.fallback = static_cast<ArchiveDefault>(fallback - defaults.begin());
  if (auto wrong = read_list(prefs, "always", wanted.always)) return std::move(*wrong);
  if (auto wrong = read_list(prefs, "never", wanted.never)) return std::move(*wrong);
  auto& kept = turn.data().archiving;
  if (bytes_of(wanted) > limits::archive_list_bytes)
    return StanzaError{Condition::not_acceptable, "These lists are too long."};
  if (!has_room(turn.data(), bytes_of(kept), bytes_of(wanted))) return no_room();
  kept = std::move(wanted);
  turn.record(record::ArchivePreferencesChanged{.localpart = turn.localpart(),
                                                .fallback = kept.fallback,
                                                .always = kept.always,
                                                .never = kept.never});
  return turn.result(to_element(kept));
}

}  // namespace

Answer archive_preferences(Turn& turn) {
  if (turn.payload().name() != "prefs") return StanzaError{Condition::service_unavailable};
  return turn.is_get() ? turn.result(to_element(turn.data().archiving)) : set(turn);
}

}  // namespace accounts
