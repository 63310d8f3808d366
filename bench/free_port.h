// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bench {

// A port of loopback that nobody has now.
std::uint16_t free_port();

}  // namespace bench
