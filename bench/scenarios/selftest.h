// SPDX-License-Identifier: Apache-2.0
// selftest: does the checker find what it is for? Streams as a server would write them are damaged
// in each way there is, cut at random places and read as the generator reads them; every damage
// must be found, and undamaged streams must pass. Needs no server.
#pragma once

namespace bench {

// Prints a line for each case; true if all are as they must be.
bool run_selftest();

}  // namespace bench
