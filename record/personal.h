// SPDX-License-Identifier: Apache-2.0
// Personal events: what a person keeps here for themselves (contacts, private XML, vCard, PEP
// nodes) has changed. It is state, not something said to others in a room: it is committed in order
// with everything else and before its own answer, but has no leaf. Each says how things are
// afterwards, not what is different, so that it may be written twice: after a COMMIT of unknown
// outcome no head tells whether it was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/codes.h"
#include "xmpp/jid.h"

namespace record {

struct RosterChanged {
  static constexpr Code code = Code::roster_changed;
  std::string localpart;  // whose
  xmpp::Jid contact;
  bool removed = false;
  std::string name;                 // "" = none
  std::vector<std::string> groups;  // each once
};

struct PrivateXmlChanged {
  static constexpr Code code = Code::private_xml_changed;
  std::string localpart;
  std::string ns, name;  // of the element
  std::string xml;       // the element
};

struct VcardChanged {
  static constexpr Code code = Code::vcard_changed;
  std::string localpart;
  std::string xml;
};

struct PepNodeChanged {
  static constexpr Code code = Code::pep_node_changed;
  std::string localpart, node;
  bool removed = false;  // with its items
  std::string options;   // accounts/pep/options.h
};

struct PepItemChanged {
  static constexpr Code code = Code::pep_item_changed;
  std::string localpart, node, id;
  bool removed = false;
  std::int64_t seq = 0;  // order of publication within the node
  std::string xml;       // the payload
};

// What somebody's own archive takes in when neither list names the other one (XEP-0441). Stored as
// numbers.
enum class ArchiveDefault : std::uint8_t { always = 0, never = 1, roster = 2 };

struct ArchivePreferencesChanged {
  static constexpr Code code = Code::archive_preferences_changed;
  std::string localpart;
  ArchiveDefault fallback = ArchiveDefault::always;
  std::vector<xmpp::Jid> always, never;
};

}  // namespace record
