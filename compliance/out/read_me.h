// SPDX-License-Identifier: Apache-2.0
// What is handed out beside evidence, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compliance/tree/note.h"

namespace compliance {

constexpr std::string_view export_read_me =
    "Events of an archive of Hansard, with what proves that they are these and all of them.\n"
    "\n"
    "To check, get the archive's public key from its operator by another way than this folder,\n"
    "and one of these programs (each by itself; they share no code):\n"
    "\n"
    "    hansard archive verify --export . --key KEY\n"
    "    verify.py . --key KEY\n"
    "\n"
    "Both say what they find, a line each, and end with exit code 0 if that is nothing. How it is\n"
    "checked, step by step and byte for byte: docs/archive-format.md of Hansard.\n";

constexpr std::string_view bundle_read_me =
    "One event of an archive of Hansard, with the proof that it was in the archive.\n"
    "\n"
    "  event.leaf         the event as it was archived, with commitments to its parts\n"
    "  parts/N.data       part N, and parts/N.salt, without which nobody can guess it; parts may\n"
    "                     be left out\n"
    "  event.tlog-proof   the path from the event to a signed checkpoint (c2sp.org/tlog-proof)\n"
    "\n"
    "With H for SHA-256, and || for one after the other:\n"
    "  1. the leaf's hash is H(0x00 || event.leaf);\n"
    "  2. with each line of the proof, from the first to the last, it becomes\n"
    "     H(0x01 || left || right), as RFC 9162 section 2.1.3.2 says, and ends as the root in the\n"
    "     checkpoint's third line;\n"
    "  3. the checkpoint is signed with Ed25519 by the archive's key: get that from the operator\n"
    "     by another way than this folder;\n"
    "  4. part N is what it was if H(\"arc-part-v1\" || 0x00 || salt || data) is its \"c\" in\n"
    "     event.leaf.\n"
    "\n"
    "Programs that do this: hansard archive verify --export . --key KEY, and verify.py . --key "
    "KEY.\n";

inline std::string key_lines(const std::vector<NoteKey>& keys) {
  std::string lines;
  for (const auto& key : keys) lines += key.text() + "\n";
  return lines;
}

}  // namespace compliance
