// SPDX-License-Identifier: Apache-2.0
// Submitting events and waiting until they are durable, for threads that may block.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "admin/answer.h"
#include "admin/command.h"

namespace admin {

// Nothing if the events are durable; else why not, and whether they may become so later.
// `caller` stands in them as who did it, as far as it is a person with a JID. `once_durable` runs
// when they are durable, also where that is after we gave up waiting: on the recorder's thread,
// before the command goes on. It must return at once.
std::optional<Refusal> record_and_wait(Context& context, const Caller& caller,
                                       std::vector<record::Body> bodies,
                                       std::function<void()> once_durable = {});

// The same for events that are made already: about a room, say.
std::optional<Refusal> record_events_and_wait(Context& context, std::vector<record::Event> events,
                                              std::function<void()> once_durable = {});

}  // namespace admin
