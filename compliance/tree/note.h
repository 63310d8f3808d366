// SPDX-License-Identifier: Apache-2.0
// Signed notes (C2SP signed-note) and the checkpoints in them (C2SP tlog-checkpoint): what the
// archive says of its tree, in a form that other people's tools check too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/result.h"
#include "base/signing.h"

namespace compliance {

// The public half of a key with the name it signs under: "<name>+<id, 8 hex digits>+<base64>".
struct NoteKey {
  std::string name;
  base::PublicKey key{};

  std::string id() const;  // the first four bytes of SHA-256(name, newline, 1, key), as they are
  std::string text() const;
  static std::optional<NoteKey> parse(std::string_view text);
  friend bool operator==(const NoteKey&, const NoteKey&) = default;
};

struct Note {
  std::string text;  // with the newline at its end
  struct Line {
    std::string name, id;  // id: four bytes
    std::string signature;
  };
  std::vector<Line> signatures;

  static std::optional<Note> parse(std::string_view note);
};

// `text` ends in a newline. One line for each key; the first is the log's own.
std::string sign_note(std::string_view text, std::string_view name,
                      const std::vector<const base::SigningKey*>& keys);

enum class Signed {
  yes,      // by a key of these, and by no key of these wrongly
  wrong,    // a key of these should have made a line and did not
  unknown,  // by none of these
};
Signed check_signatures(const Note& note, const std::vector<NoteKey>& keys);

struct CheckpointText {
  std::string origin;
  std::int64_t size = 0;
  base::Sha256 root{};

  std::string text() const;
  // Of a note's text. Extension lines are read over.
  static std::optional<CheckpointText> parse(std::string_view text);
};

// After a loss that an operator has accepted, checkpoints go on under another origin, "…/2": the
// number at its end, 1 if there is none.
int epoch_of(const std::string& origin);

// The notes of a file to which they were appended one after the other, each followed by an empty
// line. A last one that is not whole (a crash while it was written) is left out.
std::vector<std::string> notes_in(std::string_view file);

}  // namespace compliance
