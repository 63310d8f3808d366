// SPDX-License-Identifier: Apache-2.0
// What a change of a PEP node consists of: the state, the event, and the words to the account's own
// clients that want to hear of it (XEP-0163 §4.3). Nothing is checked here.
#pragma once

#include <string>

#include "accounts/pep/options.h"
#include "accounts/personal/turn.h"

namespace accounts::pep {

PepNode& create_node(const Turn& turn, const std::string& name, const Options& options);
void configure_node(const Turn& turn, const std::string& name, const Options& options);
void delete_node(const Turn& turn, const std::string& name);
void purge_node(const Turn& turn, const std::string& name);
// What is over max_items goes, the oldest first. A node that does not keep items only tells them.
void publish_item(const Turn& turn, const std::string& name, std::string id, xmpp::Element payload);
// False if there is no such item. Clients are told if the node's options say so, or `tell`.
bool retract_item(const Turn& turn, const std::string& name, const std::string& id, bool tell);

// The last item of each node that `listener` wants to hear of, but for those in `but_not`, to the
// session that has become available or says for the first time what it wants.
void send_last_items(const State& state, const xmpp::Jid& session, const Listener& listener,
                     const Interests& but_not, Effects& effects);

}  // namespace accounts::pep
