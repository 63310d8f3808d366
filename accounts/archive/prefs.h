// SPDX-License-Identifier: Apache-2.0
// XEP-0441: the owner reads and sets what the archive takes in.
#pragma once

#include "accounts/personal/turn.h"

namespace accounts {

Answer archive_preferences(Turn& turn);

}  // namespace accounts
