// SPDX-License-Identifier: Apache-2.0
// Private XML storage, XEP-0049: one element for each name and namespace. The bookmarks of XEP-0048
// in it are those of XEP-0402: see bookmarks.h.
#pragma once

#include "accounts/personal/turn.h"

namespace accounts {

Answer private_storage(Turn& turn);

}  // namespace accounts
