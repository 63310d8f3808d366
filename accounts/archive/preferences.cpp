// SPDX-License-Identifier: Apache-2.0
#include "accounts/archive/preferences.h"

#include <algorithm>

#include "xmpp/ns.h"

namespace accounts {
namespace {

namespace ns = xmpp::ns;
using xmpp::Element;
using xmpp::Jid;

bool names(const std::vector<Jid>& list, const Jid& other) {
  return std::ranges::any_of(list, [&](const Jid& jid) {
    return jid == other || (jid.is_bare() && jid.str() == other.bare_str());
  });
}

}  // namespace

std::size_t bytes_of(const ArchivePreferences& preferences) {
  constexpr std::size_t markup = std::string_view("<jid></jid>").size();
  std::size_t bytes = 0;
  for (const auto* list : {&preferences.always, &preferences.never})
    for (const Jid& jid : *list) bytes += markup + jid.str().size();
  return bytes;
}

bool wants(const ArchiveOwner& owner, const Jid& other) {
  if (names(owner.preferences.never, other)) return false;
  if (names(owner.preferences.always, other)) return true;
  switch (owner.preferences.fallback) {
    case record::ArchiveDefault::always:
      return true;
    case record::ArchiveDefault::never:
      return false;
    case record::ArchiveDefault::roster:
      return owner.contacts.contains(other.bare());
  }
  return true;
}

bool worth_keeping(const Element& message) {
  const std::string_view type = message.attr("type");
  if (type != "chat" && type != "normal" && !type.empty()) return false;
  bool says_something = false, forbidden = false;
  message.for_each_child([&](const Element& child) {
    if (child.ns() == ns::hints)
      forbidden = forbidden || child.name() == "no-store" || child.name() == "no-permanent-store";
    else if (child.ns() != ns::chat_states && !child.is("thread", ns::client))
      says_something = true;
  });
  return says_something && !forbidden;
}

}  // namespace accounts
