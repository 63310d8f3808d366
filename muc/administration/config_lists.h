// SPDX-License-Identifier: Apache-2.0
// The fields of the owner's form that hold whole lists, of admins and of owners (XEP-0045 10.2).
#pragma once

#include <vector>

#include "base/result.h"
#include "muc/verbs/verbs.h"
#include "xmpp/data_form.h"

namespace muc {

void add_list_fields(const Room& room, xmpp::DataForm& form);
// What the form makes of them; none if it says nothing of them or they stay as they are.
base::Result<std::vector<AffiliationChange>, xmpp::StanzaError> list_changes(
    const Room& room, const xmpp::Jid& actor, const xmpp::DataForm& form);

}  // namespace muc
