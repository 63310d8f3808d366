// SPDX-License-Identifier: Apache-2.0
#include "compliance/verify/files.h"

#include <charconv>

#include "record/json_reader.h"

namespace compliance {
namespace {

using record::json::Reader;

std::optional<std::string> text(Reader& in) {
  const auto raw = in.raw_string();
  if (!raw) return std::nullopt;
  return record::json::unescaped(*raw);
}

std::optional<base::Sha256> hash(Reader& in) {
  const auto raw = in.raw_string();
  return raw ? base::sha256_from_base64(*raw) : std::nullopt;
}

std::optional<std::vector<base::Sha256>> hashes(Reader& in) {
  std::vector<base::Sha256> list;
  in.begin_array();
  while (in.element()) {
    const auto one = hash(in);
    if (!one) return std::nullopt;
    list.push_back(*one);
  }
  if (in.failed()) return std::nullopt;
  return list;
}

template <class T, class U>
bool put(std::optional<T> value, U& to) {
  if (value) to = *std::move(value);
  return value.has_value();
}

std::optional<ManifestView::File> file(Reader& in) {
  ManifestView::File file;
  int members = 0;
  in.begin_object();
  while (const auto key = in.key()) {
    bool good = false;
    if (*key == "bytes") good = put(in.integer(), file.bytes);
    if (*key == "name") good = put(text(in), file.name);
    if (*key == "sha256") good = put(text(in), file.sha256);
    if (!good) return std::nullopt;
    ++members;
  }
  if (in.failed() || members != 3) return std::nullopt;
  return file;
}

bool files(Reader& in, std::vector<ManifestView::File>& list) {
  in.begin_array();
  while (in.element()) {
    auto one = file(in);
    if (!one) return false;
    list.push_back(*std::move(one));
  }
  return !in.failed();
}

bool member(Reader& in, std::string_view key, ManifestView& to) {
  if (key == "events") return put(in.integer(), to.events);
  if (key == "files") return files(in, to.files);
  if (key == "first") return put(in.integer(), to.first);
  if (key == "kind") return put(text(in), to.kind);
  if (key == "last") return put(in.integer(), to.last);
  if (key == "left") return put(hashes(in), to.left);
  if (key == "number") return put(in.integer(), to.number);
  if (key == "origin") return put(text(in), to.origin);
  if (key == "previous") return put(text(in), to.previous);
  if (key == "right") return put(hashes(in), to.right);
  if (key == "room") return put(text(in), to.room);
  if (key == "root") return put(hash(in), to.root);
  if (key == "size") return put(in.integer(), to.size);
  if (key == "v") return put(in.integer(), to.version);
  return in.skip().has_value();
}

std::optional<record::Part> part(Reader& in) {
  record::Part part;
  bool erased = false, salted = false, filled = false;
  part.n = -1;
  in.begin_object();
  while (const auto key = in.key()) {
    bool good = false;
    if (*key == "n") {
      std::int64_t n = -1;
      good = put(in.integer(), n) && n >= 0 && n < 1'000'000;
      part.n = static_cast<int>(n);
    } else if (*key == "salt") {
      const auto raw = in.raw_string();
      good = salted = raw && put(base::from_base64(*raw), part.salt) && !part.salt.empty();
    } else if (*key == "data") {
      good = filled = put(text(in), part.data);
    } else if (*key == "erased") {
      good = put(in.boolean(), erased) && erased;
    }
    if (!good) return std::nullopt;
  }
  if (in.failed() || part.n < 0 || salted != filled || erased == salted) return std::nullopt;
  return part;
}

bool parts(Reader& in, std::vector<record::Part>& list) {
  in.begin_array();
  while (in.element()) {
    auto one = part(in);
    if (!one) return false;
    list.push_back(*std::move(one));
  }
  return !in.failed();
}

}  // namespace

std::optional<ManifestView> read_manifest(std::string_view bytes) {
  if (!bytes.ends_with('\n')) return std::nullopt;
  ManifestView manifest;
  Reader in(bytes.substr(0, bytes.size() - 1));
  in.begin_object();
  while (const auto key = in.key())
    if (!member(in, *key, manifest)) return std::nullopt;
  const bool known = manifest.kind == "range" || manifest.kind == "room";
  if (!in.at_end() || manifest.version != 1 || !known) return std::nullopt;
  if (manifest.first < 0 || manifest.last < manifest.first - 1 || manifest.last >= manifest.size)
    return std::nullopt;
  return manifest;
}

std::optional<ExportLine> read_export_line(std::string_view bytes) {
  ExportLine line;
  line.event.seq = -1;
  Reader in(bytes);
  in.begin_object();
  while (const auto key = in.key()) {
    bool good = false;
    if (*key == "leaf") good = put(text(in), line.event.leaf);
    if (*key == "parts") good = parts(in, line.event.parts);
    if (*key == "proof") good = put(hashes(in), line.proof);
    if (*key == "seq") good = put(in.integer(), line.event.seq);
    if (!good) return std::nullopt;
  }
  if (!in.at_end() || line.event.seq < 0 || line.event.leaf.empty()) return std::nullopt;
  return line;
}

std::optional<ProofText> read_proof(std::string_view bytes) {
  constexpr std::string_view first = "c2sp.org/tlog-proof@v1\nindex ";
  if (!bytes.starts_with(first)) return std::nullopt;
  bytes.remove_prefix(first.size());
  ProofText proof;
  const auto number = std::from_chars(bytes.data(), bytes.data() + bytes.size(), proof.index);
  const auto digits = static_cast<std::size_t>(number.ptr - bytes.data());
  if (number.ec != std::errc{} || proof.index < 0 ||
      bytes.substr(0, digits) != std::to_string(proof.index))
    return std::nullopt;
  bytes.remove_prefix(digits);
  while (bytes.starts_with('\n') && !bytes.starts_with("\n\n")) {
    bytes.remove_prefix(1);
    const auto hash = base::sha256_from_base64(bytes.substr(0, bytes.find('\n')));
    if (!hash) return std::nullopt;
    proof.path.push_back(*hash);
    bytes.remove_prefix(bytes.find('\n'));
  }
  if (!bytes.starts_with("\n\n")) return std::nullopt;
  proof.checkpoint = bytes.substr(2);
  return proof;
}

}  // namespace compliance
