// SPDX-License-Identifier: Apache-2.0
// What an account's own archive takes in (XEP-0313), and what its owner says about that (XEP-0441).
// Pure; XEP-0441 is urn:xmpp:mam:2 too.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "record/personal.h"
#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace accounts {

// Bare JIDs in the lists mean all resources.
struct ArchivePreferences {
  record::ArchiveDefault fallback = record::ArchiveDefault::always;
  std::vector<xmpp::Jid> always, never;
  friend bool operator==(const ArchivePreferences&, const ArchivePreferences&) = default;
};
std::size_t bytes_of(const ArchivePreferences& preferences);

// The preferences of one account, with what they need of its roster: nothing but for
// ArchiveDefault::roster.
struct ArchiveOwner {
  std::string localpart;
  ArchivePreferences preferences = {};
  std::set<xmpp::Jid> contacts = {};
};

// Whether messages with `other` are kept. Who is on both lists is kept out.
bool wants(const ArchiveOwner& owner, const xmpp::Jid& other);

// Whether a message is one that archives are for: of type chat or normal, saying more than that
// somebody is typing, and without a hint against it (XEP-0334).
bool worth_keeping(const xmpp::Element& message);

}  // namespace accounts
