// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/note.h"

#include <algorithm>
#include <charconv>

namespace compliance {
namespace {

constexpr std::string_view ed25519 = "\1", dash = "\xe2\x80\x94 ";
// An archive's id has 16 digits and is taken for no epoch.
constexpr int epochs_max = 1'000'000;
constexpr std::size_t id_size = 4, signatures_max = 64;

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

template <class Array>
std::optional<Array> array_of(std::string_view bytes) {
  Array out{};
  if (bytes.size() != out.size()) return std::nullopt;
  std::ranges::transform(bytes, out.begin(), [](char c) { return static_cast<unsigned char>(c); });
  return out;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" +\t\n") == std::string_view::npos;
}

// All its signatures are as long as they must be.
bool is_whole(std::string_view text) {
  const auto note = Note::parse(text);
  return note && std::ranges::all_of(note->signatures, [](const Note::Line& line) {
           return line.signature.size() >= base::Signature{}.size();
         });
}

std::optional<Note::Line> signature_line(std::string_view line) {
  if (!line.starts_with(dash)) return std::nullopt;
  line.remove_prefix(dash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_name(line.substr(0, space))) return std::nullopt;
  auto bytes = base::from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= id_size) return std::nullopt;
  return Note::Line{std::string(line.substr(0, space)), bytes->substr(0, id_size),
                    bytes->substr(id_size)};
}

}  // namespace

std::string NoteKey::id() const {
  const auto hash = base::sha256_parts({name, "\n", ed25519, base::as_chars(key)});
  return std::string(base::as_chars(hash).substr(0, id_size));
}

std::string NoteKey::text() const {
  return name + "+" + base::hex(id()) + "+" +
         base::base64(std::string(ed25519) + std::string(base::as_chars(key)));
}

std::optional<NoteKey> NoteKey::parse(std::string_view text) {
  const std::size_t first = text.find('+');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto bytes = base::from_base64(text.substr(second + 1));
  if (!bytes || !bytes->starts_with(ed25519)) return std::nullopt;
  const auto key = array_of<base::PublicKey>(std::string_view(*bytes).substr(1));
  if (!key || !is_name(text.substr(0, first))) return std::nullopt;
  NoteKey read{std::string(text.substr(0, first)), *key};
  if (base::hex(read.id()) != text.substr(first + 1, second - first - 1)) return std::nullopt;
  return read;
}

std::optional<Note> Note::parse(std::string_view note) {
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos || note.back() != '\n') return std::nullopt;
  Note read{std::string(note.substr(0, blank + 1)), {}};
  std::string_view rest = note.substr(blank + 2);
  while (!rest.empty()) {
    auto line = signature_line(next_line(rest));
    if (!line || read.signatures.size() == signatures_max) return std::nullopt;
    read.signatures.push_back(*std::move(line));
  }
  if (read.signatures.empty()) return std::nullopt;
  return read;
}

std::string sign_note(std::string_view text, std::string_view name,
                      const std::vector<const base::SigningKey*>& keys) {
  std::string note = std::string(text) + "\n";
  for (const base::SigningKey* key : keys) {
    const NoteKey half{std::string(name), key->public_key()};
    const auto signature = key->sign(text);
    note += std::string(dash) + half.name + " " +
            base::base64(half.id() + std::string(base::as_chars(signature))) + "\n";
  }
  return note;
}

Signed check_signatures(const Note& note, const std::vector<NoteKey>& keys) {
  Signed found = Signed::unknown;
  for (const auto& line : note.signatures)
    for (const auto& key : keys) {
      if (key.name != line.name || key.id() != line.id) continue;
      const auto signature = array_of<base::Signature>(line.signature);
      if (!signature || !base::verify(key.key, note.text, *signature)) return Signed::wrong;
      found = Signed::yes;
    }
  return found;
}

std::string CheckpointText::text() const {
  return origin + "\n" + std::to_string(size) + "\n" + base::base64(base::as_chars(root)) + "\n";
}

std::optional<CheckpointText> CheckpointText::parse(std::string_view text) {
  CheckpointText read;
  read.origin = next_line(text);
  const std::string_view size = next_line(text), root = next_line(text);
  const auto number = std::from_chars(size.data(), size.data() + size.size(), read.size);
  const bool plain = !size.empty() && (size == "0" || size.front() != '0') && read.size >= 0;
  if (read.origin.empty() || !plain || number.ec != std::errc{} ||
      number.ptr != size.data() + size.size())
    return std::nullopt;
  const auto hash = base::sha256_from_base64(root);
  if (!hash) return std::nullopt;
  read.root = *hash;
  return read;
}

int epoch_of(const std::string& origin) {
  const auto slash = origin.rfind('/');
  int epoch = 1;
  if (slash == std::string::npos) return epoch;
  const char* const end = origin.data() + origin.size();
  const auto read = std::from_chars(origin.data() + slash + 1, end, epoch);
  return read.ec == std::errc{} && read.ptr == end && epoch < epochs_max ? epoch : 1;
}

// One that a crash cut short, and another behind it, look like one note with an empty line too
// many: the text of a checkpoint has none, so what stands before that line goes.
std::vector<std::string> notes_in(std::string_view file) {
  std::vector<std::string> notes;
  std::string note, line_before = "\n";
  while (!file.empty()) {
    const bool ended = file.find('\n') != std::string_view::npos;
    const std::string_view line = next_line(file);
    const bool is_signature = line.starts_with(dash);
    if (line.empty() && line_before.starts_with(dash)) {
      if (is_whole(note)) notes.push_back(note);
      note.clear();
    } else if (!line.empty()) {
      if (line_before == "\n" && !is_signature) note.clear();
      note += std::string(line) + (ended ? "\n" : "");
    } else if (!note.empty()) {
      note += "\n";
    }
    line_before = line.empty() ? "\n" : std::string(line);
  }
  return notes;
}

}  // namespace compliance
