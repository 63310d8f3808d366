// SPDX-License-Identifier: Apache-2.0
// Ad-hoc commands of a room (XEP-0050). Each is a form and what becomes of it: nothing is kept
// between the two, so there are no sessions to run out.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "muc/verbs/verbs.h"
#include "xmpp/data_form.h"

namespace muc {

struct RoomCommand {
  std::string_view node, name;
  bool (*allowed)(const Room&, const xmpp::Jid& real) = nullptr;
  // Null: it needs none, and is done at once.
  xmpp::DataForm (*form)(const Room&) = nullptr;
  // Does it; gives what is to be shown, if anything.
  using Outcome = base::Result<std::optional<xmpp::Element>, xmpp::StanzaError>;
  Outcome (*run)(Turn&, const Incoming&, const xmpp::DataForm&) = nullptr;
};

// features/person/hats.cpp
std::span<const RoomCommand> hat_commands();

// What disco#items says of the node of commands.
xmpp::Element command_items(const Room& room, const xmpp::Jid& real);

}  // namespace muc
