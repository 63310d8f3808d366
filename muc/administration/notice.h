// SPDX-License-Identifier: Apache-2.0
// Who is told of a new affiliation while not inside. See notice.cpp.
#pragma once

#include <string>
#include <vector>

#include "muc/verbs/verbs.h"

namespace muc {

struct Absentee {
  xmpp::Jid jid;  // bare
  Affiliation before = Affiliation::none;
  std::string reason;
};

// Before the changes: of those whom they concern, who is not inside and is sent no invitation, no
// more than could be told at once.
std::vector<Absentee> absentees(const Room& room, const xmpp::Jid& admin,
                                const std::vector<const AffiliationChange*>& changes);
// After them.
void tell_absentees(Turn& turn, const xmpp::Jid& admin, const std::vector<Absentee>& absent);

}  // namespace muc
