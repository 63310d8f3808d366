// SPDX-License-Identifier: Apache-2.0
// The keys in the `secret` table. For db/'s own files.
#pragma once

#include "base/result.h"
#include "db/content.h"

namespace db {

class Session;

// Makes those that are missing. Throws DatabaseError.
void make_secrets(Session& session, base::Random& random);
// The error is one sentence; no value stands in it.
base::Result<Secrets, std::string> read_secrets(Session& session);

}  // namespace db
