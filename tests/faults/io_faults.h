// SPDX-License-Identifier: Apache-2.0
// Faults between SQLite and the disk: a VFS over SQLite's own in which the n-th write, truncation
// or sync of any database, or the n-th read, fails once. Any thread.
#pragma once

namespace tests::faults {

enum class IoKind { write_error, disk_full, read_error };

// From here on every database that is opened is under it. Once, before the first.
void put_under_sqlite();
void arm_io(IoKind kind, int nth);
bool disarm_io();  // whether there were as many

}  // namespace tests::faults
