// SPDX-License-Identifier: Apache-2.0
// How a row of the outbox stands to what is archived of its source.
#pragma once

#include "compliance/archive_store.h"

namespace compliance {

enum class Standing { next, archived, gap, fork, damaged, unknown };
// unknown: the archive does not answer.
Standing standing(const OutboxRow& row, const SourceHead& head, ArchiveStore& archive);
// Why a source stops at a row that is neither next nor archived.
const char* why(Standing standing);

// Whether the head of a source is the last event that is archived of it, by what stands in the
// archive besides; an error: it does not answer.
enum class HeadIs { last, another, of_none };
base::Result<HeadIs, StoreError> look_at(const std::string& source, const SourceHead& head,
                                         ArchiveStore& archive);

}  // namespace compliance
