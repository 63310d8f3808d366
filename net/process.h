// SPDX-License-Identifier: Apache-2.0
// What the program sets for its whole process before it opens sockets.
#pragma once

#include <cstdint>

namespace net {

// Soft limit of open descriptors up to the hard one; the limit that holds now.
std::uint64_t raise_descriptor_limit();

// A peer that goes away must be an error of write(), not the end of the process.
void ignore_sigpipe();

}  // namespace net
