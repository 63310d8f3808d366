// SPDX-License-Identifier: Apache-2.0
// What rooms implement, as the features declare it: docs/xeps.md.
#pragma once

#include <string>

namespace muc {

std::string feature_table();  // Markdown

}  // namespace muc
