// SPDX-License-Identifier: Apache-2.0
// Whether a database is one that this program can use, before it writes to it: for the start, and
// for whoever only looks. For db/'s own files.
#pragma once

#include <string>

#include "db/sql/migrate.h"
#include "db/sql/ownership.h"

namespace db {

const Migrations& migrations_of(Owned what, Dialect dialect);

// A sentence that says what is wrong and what to do, "" if nothing is: another encoding than UTF-8,
// the other of the two databases, a newer schema, no right to make or change tables; to write rows
// is enough in an archive whose schema is current. Writes nothing. Throws DatabaseError.
std::string unusable(Session& session, Owned what, const std::string& name);

}  // namespace db
