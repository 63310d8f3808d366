// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/space.h"

#include "accounts/personal/limits.h"

namespace accounts {

std::size_t roster_bytes(const PersonalData& data) {
  std::size_t bytes = 0;
  for (const auto& [jid, contact] : data.roster) bytes += contact.bytes;
  return bytes;
}

std::size_t bytes_of(const PepNode& node) {
  std::size_t bytes = 0;
  for (const PepItem& item : node.items) bytes += item.id.size() + item.bytes;
  return bytes;
}

std::size_t bytes_kept(const PersonalData& data) {
  std::size_t bytes = roster_bytes(data) + bytes_of(data.archiving);
  for (const auto& [key, kept] : data.private_xml) bytes += kept.bytes;
  if (data.vcard) bytes += data.vcard->bytes;
  for (const auto& [name, node] : data.nodes)
    bytes += name.size() + node.options.size() + bytes_of(node);
  return bytes;
}

bool has_room(const PersonalData& data, std::size_t freed, std::size_t added) {
  return added <= freed || bytes_kept(data) - freed + added <= limits::account_bytes;
}

xmpp::StanzaError no_room() {
  return {xmpp::ErrorType::cancel, xmpp::Condition::resource_constraint,
          "Nothing more can be kept; remove something first."};
}

}  // namespace accounts
