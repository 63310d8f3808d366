// SPDX-License-Identifier: Apache-2.0
// Submitting events and waiting until they are durable, for threads that may block.
#pragma once

#include <optional>
#include <vector>

#include "admin/answer.h"
#include "admin/command.h"

namespace admin {

// Nothing if the events are durable; else why not, and whether they may become so later.
std::optional<Refusal> record_and_wait(Context& context, std::vector<record::Body> bodies);

}  // namespace admin
