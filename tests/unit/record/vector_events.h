// SPDX-License-Identifier: Apache-2.0
// Events as leaf_vectors.json describes them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "record/event.h"

namespace tests {
record::Event vector_event(const nlohmann::json& event);
}
