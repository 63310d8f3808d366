// SPDX-License-Identifier: Apache-2.0
// Faults between Hansard and its database: whatever db/ asks of a db::Session is counted, and the
// n-th of it goes wrong. The linker puts these in place of the calls (meson.build: --wrap), so that
// the code under test is the one that is shipped. Any thread.
#pragma once

#include <set>
#include <string>

namespace tests::faults {

enum class Kind {
  before,  // an error, and nothing was done
  after,   // an error, and it was done
  away,    // an error, and the same for the next calls, new connections among them
  late,    // done, but the answer does not come until let_through()
};

// The n-th call from now on (n = 1: the next one).
void arm(Kind kind, int nth);
bool disarm();   // no more of it; whether there were as many calls
bool waiting();  // a late answer has not come yet
void let_through();

void forget_struck();
// What went wrong since then: "BEGIN", "COMMIT", "connect", the first words of statements.
std::set<std::string> struck();

}  // namespace tests::faults
