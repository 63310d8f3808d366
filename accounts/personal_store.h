// SPDX-License-Identifier: Apache-2.0
// What an account keeps here for its owner, as stored; writing is derived from events
// (record/personal.h). Calls block: run them on workers. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accounts/account_store.h"
#include "accounts/archive/preferences.h"
#include "base/result.h"
#include "xmpp/element.h"
#include "xmpp/jid.h"

namespace accounts {

struct Contact {
  std::string name;                 // "" = none
  std::vector<std::string> groups;  // each once
  std::size_t bytes = 0;            // of its item; not stored: Person::loaded
};

// An element that is kept whole.
struct Kept {
  xmpp::Element element;
  std::size_t bytes = 0;  // of its text
};

struct PepItem {
  std::string id;
  std::int64_t seq = 0;  // order of publication
  xmpp::Element payload;
  std::size_t bytes = 0;  // of its text
};

struct PepNode {
  std::string options;         // accounts/pep/options.h
  std::vector<PepItem> items;  // in order of seq
};

struct PersonalData {
  std::map<xmpp::Jid, Contact> roster;
  std::map<std::pair<std::string, std::string>, Kept> private_xml;  // by namespace, name
  std::optional<Kept> vcard;
  std::map<std::string, PepNode> nodes;
  ArchivePreferences archiving;
};

class PersonalStore {
 public:
  virtual ~PersonalStore() = default;
  // nullopt: there is no such account.
  virtual base::Result<std::optional<PersonalData>, StoreError> load(
      const std::string& localpart) = 0;
};

}  // namespace accounts
