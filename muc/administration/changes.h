// SPDX-License-Identifier: Apache-2.0
// What several changes of affiliations must not do together, wherever they come from.
#pragma once

#include <vector>

#include "muc/verbs/verbs.h"

namespace muc {

// 10.2: somebody is owner at all times, after all of the changes together.
Refusal needs_owner(const Room& room, const std::vector<AffiliationChange>& changes);
// Whether the lists have room for all of them together.
Refusal needs_place(const Room& room, const std::vector<AffiliationChange>& changes);

}  // namespace muc
