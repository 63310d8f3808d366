// SPDX-License-Identifier: Apache-2.0
// vCards, XEP-0054. Anybody may read one; who has none looks like an account that does not exist
// (BI-STZ-17).
#pragma once

#include "accounts/personal/turn.h"

namespace accounts {

Answer vcard(Turn& turn);

}  // namespace accounts
