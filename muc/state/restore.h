// SPDX-License-Identifier: Apache-2.0
// A room as it was read from the store, and what must be said about those whom a crash left inside.
#pragma once

#include <memory>

#include "muc/room_store.h"
#include "muc/state/room.h"
#include "muc/turn.h"

namespace muc {

std::unique_ptr<Room> restore(const World& world, const StoredRoom& stored);

// Everybody who was inside when the server stopped without a word has left: recorded before
// anything new of this room.
void close_open_occupancies(Turn& turn, const std::vector<OpenOccupancy>& open);

}  // namespace muc
