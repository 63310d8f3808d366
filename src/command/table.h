// SPDX-License-Identifier: Apache-2.0
// Answers as text for people: sentence, fields, tables in aligned columns. Control characters in
// values are shown as '?', so that no name can move a terminal's cursor.
#pragma once

#include <string>

#include "admin/answer.h"

namespace server {

enum class Colours { off, on };

std::string answer_text(const admin::Answer& answer, Colours colours);

}  // namespace server
