// SPDX-License-Identifier: Apache-2.0
// What a leaf says about its kind of event: the member `d` and the parts. Only closed words,
// numbers, ids of our own and pseudonyms stand in `d`; free text and whatever names a person is a
// part.
#pragma once

#include <string>

#include "record/leaf.h"

namespace record {

struct Details {
  std::string d;            // canonical JSON
  std::vector<Part> parts;  // without salts
};

Details details(const Event& event, Pseudonyms& pseudonyms);

}  // namespace record
