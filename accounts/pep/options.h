// SPDX-License-Identifier: Apache-2.0
// How a PEP node is configured (XEP-0060 §16.4.4), its form, and how it is kept: one
// "pubsub#name=value" a line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/personal/limits.h"
#include "xmpp/data_form.h"
#include "xmpp/errors/stanza_error.h"

namespace accounts::pep {

enum class Access { whitelist, presence, open };
enum class SendLast { never, on_sub, on_sub_and_presence };

struct Options {
  Access access = Access::presence;  // XEP-0163 §1: for now nobody but the owner, who may see it
  std::size_t max_items = 1;
  bool persist_items = true;
  SendLast send_last = SendLast::on_sub_and_presence;
  bool notify_retract = false;
  bool notify_delete = false;
  std::string title = {}, type = {};

  friend bool operator==(const Options&, const Options&) = default;
};

// Those of a node that comes into being by a publication without options. Bookmarks are many and
// for nobody else (XEP-0402 §3).
Options defaults_for(std::string_view node);

// Applies the fields of a submitted form. What is unknown or cannot be had here is refused.
std::optional<xmpp::StanzaError> apply(const xmpp::DataForm& form, Options& options);

xmpp::DataForm to_form(const Options& options);  // node_config
std::string to_text(const Options& options);
Options from_text(std::string_view text);  // lines that are not understood are passed over

}  // namespace accounts::pep
