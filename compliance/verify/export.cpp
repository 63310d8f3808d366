// SPDX-License-Identifier: Apache-2.0
#include "compliance/verify/export.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/file_hash.h"
#include "compliance/tree/merkle.h"
#include "compliance/verify/chains.h"
#include "compliance/verify/files.h"

namespace compliance {
namespace {

namespace fs = std::filesystem;
using GoOn = std::function<bool(std::int64_t, std::int64_t)>;
using Read = base::Result<Verified, std::string>;

constexpr std::int64_t lines_a_page = 2000;

std::optional<std::string> contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return std::nullopt;
  return text.str();
}

class Folder {
 public:
  Folder(fs::path path, const std::vector<NoteKey>& keys, Report& report, const GoOn& go_on)
      : path_(std::move(path)), keys_(keys), report_(report), go_on_(go_on) {}

  Read verify() {
    if (fs::exists(path_ / "event.tlog-proof")) return bundle();
    if (fs::exists(path_ / "manifest.json")) return exported();
    return base::fail(path_.string() +
                      " holds neither an export (manifest.json) nor a proof (event.tlog-proof)");
  }

 private:
  void add(Kind kind, const std::string& where, const std::string& text,
           std::optional<std::int64_t> seq = std::nullopt) {
    report_.add({kind, false, seq, where, text});
  }

  std::optional<std::string> must_read(const std::string& name) {
    auto text = contents(path_ / name);
    if (!text) add(Kind::file_missing, name, "the file is not there, or cannot be read");
    return text;
  }

  // The text of a note that is signed by a key that was given.
  std::optional<std::string> signed_text(const std::string& note, const std::string& where) {
    const auto parsed = Note::parse(note);
    const Signed is = parsed ? check_signatures(*parsed, keys_) : Signed::wrong;
    if (is == Signed::unknown)
      add(Kind::key_unknown, where, "it is signed by none of the keys that were given");
    if (is == Signed::wrong)
      add(Kind::ckpt_sig_bad, where,
          parsed ? "its signature is not by the key that it names" : "it is no signed note");
    if (is != Signed::yes) return std::nullopt;
    return parsed->text;
  }
  std::optional<CheckpointText> checkpoint(const std::string& note, const std::string& where) {
    const auto text = signed_text(note, where);
    if (!text) return std::nullopt;
    auto says = CheckpointText::parse(*text);
    if (!says) add(Kind::ckpt_sig_bad, where, "what is signed is no checkpoint");
    if (says) ++done_.checkpoints;
    return says;
  }

  // ---- one event -------------------------------------------------------------------------------

  Read bundle() {
    const auto leaf = must_read("event.leaf"), text = must_read("event.tlog-proof");
    if (!leaf || !text) return done_;
    const auto proof = read_proof(*text);
    if (!proof) {
      add(Kind::file_modified, "event.tlog-proof", "it is no proof of the form it should have");
      return done_;
    }
    Chains chains(report_, {.from_start = false, .all_sources = false, .columns = false});
    StoredEvent event{.seq = proof->index, .leaf = *leaf};
    read_parts(event);
    const auto hash = chains.take(event);
    done_.events = 1;
    done_.parts = chains.parts();
    const auto says = checkpoint(proof->checkpoint, "event.tlog-proof");
    if (!says) return done_;
    done_.size = done_.signed_to = says->size;
    done_.root = says->root;
    if (root_from(proof->path, hash, proof->index, says->size) != says->root)
      add(Kind::root_mismatch, "event.tlog-proof",
          "the leaf and the path do not lead to the root that was signed", proof->index);
    return done_;
  }

  // Parts that are left out are no finding: the commitment stands in the leaf.
  void read_parts(StoredEvent& event) {
    const auto leaf = record::read_leaf(event.leaf);
    if (!leaf) return;
    std::size_t files = 0;
    for (std::size_t n = 0; n < leaf->parts.size(); ++n) {
      const std::string name = "parts/" + std::to_string(n);
      auto salt = contents(path_ / (name + ".salt")), data = contents(path_ / (name + ".data"));
      files += (salt ? 1 : 0) + (data ? 1 : 0);
      record::Part part{static_cast<int>(n), std::string(leaf->parts[n].kind), "", ""};
      if (salt && data) {
        part.salt = *salt;
        part.data = *data;
      } else if (salt || data) {
        add(Kind::part_missing, name, "salt or data alone cannot be checked");
      }
      event.parts.push_back(std::move(part));
    }
    std::error_code ignored;
    for (const auto& file : fs::directory_iterator(path_ / "parts", ignored))
      if (files-- == 0) {
        add(Kind::file_modified, "parts",
            "there are files that belong to no part, as " + file.path().filename().string());
        break;
      }
  }

  // ---- an export -------------------------------------------------------------------------------

  Read exported() {
    const auto text = must_read("manifest.json"), note = must_read("manifest.note"),
               checkpoint_note = must_read("checkpoint.note");
    const auto manifest = text ? read_manifest(*text) : std::nullopt;
    if (text && !manifest)
      add(Kind::file_modified, "manifest.json", "it is no manifest of a form that is known");
    if (!manifest || !note || !checkpoint_note) return done_;
    if (const auto says = signed_text(*note, "manifest.note")) {
      const std::string hash = base::hex(base::as_chars(base::sha256(*text)));
      if (!says->starts_with("hansard-export-1\n") || !says->ends_with("\n" + hash + "\n"))
        add(Kind::file_modified, "manifest.json", "it is not the one that was signed");
    }
    for (const auto& file : manifest->files) check_file(file);
    const auto says = checkpoint(*checkpoint_note, "checkpoint.note");
    if (says && (says->size != manifest->size || says->root != manifest->root ||
                 says->origin != manifest->origin))
      add(Kind::root_mismatch, "checkpoint.note", "it is not the one that the manifest names");
    if (auto gone = manifest->kind == "range" ? range(*manifest) : room(*manifest); !gone)
      return base::fail(gone.error());
    done_.size = manifest->size;
    done_.root = manifest->root;
    if (says) done_.signed_to = says->size;
    return done_;
  }

  void check_file(const ManifestView::File& file) {
    std::error_code error;
    const auto size = fs::file_size(path_ / file.name, error);
    if (error) {
      add(Kind::file_missing, file.name, "the file is not there, or cannot be read");
      return;
    }
    const auto hash = base::sha256_of_file((path_ / file.name).string(), [] { return true; });
    if (static_cast<std::int64_t>(size) != file.bytes || !hash ||
        base::hex(base::as_chars(*hash)) != file.sha256)
      add(Kind::file_modified, file.name, "it is not what the manifest says");
  }

  // Hands each line to `take`, which says what is wrong with it.
  template <class Take>
  base::Result<void, std::string> lines(const ManifestView& manifest, Take&& take) {
    std::ifstream in(path_ / "events.jsonl", std::ios::binary);
    std::error_code ignored;
    const auto total = static_cast<std::int64_t>(fs::file_size(path_ / "events.jsonl", ignored));
    std::int64_t number = 0, read = 0, before = manifest.first - 1;
    for (std::string line; std::getline(in, line);) {
      ++number;
      read += static_cast<std::int64_t>(line.size()) + 1;
      const auto parsed = read_export_line(line);
      if (!parsed) {
        add(Kind::file_modified, "events.jsonl line " + std::to_string(number),
            "it is no line of the form it should have");
        continue;
      }
      if (parsed->event.seq <= before || parsed->event.seq > manifest.last)
        add(Kind::seq_gap, "events.jsonl line " + std::to_string(number),
            "its number is out of order or of range", parsed->event.seq);
      before = parsed->event.seq;
      take(*parsed);
      if (number % lines_a_page == 0 && go_on_ && !go_on_(read, total))
        return base::fail(std::string("it was stopped"));
    }
    if (number != manifest.events)
      add(Kind::file_modified, "events.jsonl",
          "it has " + std::to_string(number) + " lines, and the manifest says " +
              std::to_string(manifest.events));
    return {};
  }

  base::Result<void, std::string> range(const ManifestView& manifest) {
    Chains chains(report_, {.from_start = manifest.first == 0, .columns = false});
    auto tree = tree_of(manifest.left, manifest.first);
    std::int64_t next = manifest.first;
    auto gone = lines(manifest, [&](const ExportLine& line) {
      if (line.event.seq > next)
        add(Kind::seq_gap, "events.jsonl",
            "events " + std::to_string(next) + " to " + std::to_string(line.event.seq - 1) +
                " are missing",
            next);
      next = line.event.seq + 1;
      const auto hash = chains.take(line.event);
      if (tree) tree->append(hash);
    });
    if (!gone) return gone;
    chains.end();
    if (next <= manifest.last)
      add(Kind::seq_gap, "events.jsonl",
          "events " + std::to_string(next) + " to " + std::to_string(manifest.last) +
              " are missing",
          next);
    count(chains);
    const auto heights = heights_right_of(manifest.last + 1, manifest.size);
    const bool fits =
        tree && tree->size() == manifest.last + 1 && heights.size() == manifest.right.size();
    if (fits)
      for (std::size_t n = 0; n < heights.size(); ++n) tree->append(manifest.right[n], heights[n]);
    if (!fits || tree->root() != manifest.root)
      add(Kind::root_mismatch, "events.jsonl",
          "the events with what stands beside them do not give the root that was signed");
    return {};
  }

  base::Result<void, std::string> room(const ManifestView& manifest) {
    Chains chains(report_, {.from_start = false, .all_sources = false, .columns = false});
    bool last_proved = true;  // the last of the chain
    auto gone = lines(manifest, [&](const ExportLine& line) {
      const auto hash = chains.take(line.event);
      const auto leaf = record::read_leaf(line.event.leaf);
      if (!leaf) return;
      if (!leaf->room_id || record::room_name(*leaf->room_id) != manifest.room)
        add(Kind::file_modified, "events.jsonl", "it is not about the room", line.event.seq);
      if (line.proof &&
          root_from(*line.proof, hash, line.event.seq, manifest.size) != manifest.root)
        add(Kind::root_mismatch, "events.jsonl",
            "the leaf and its path do not lead to the root that was signed", line.event.seq);
      if (leaf->room_previous)
        last_proved = line.proof.has_value();
      else if (!line.proof)
        add(Kind::root_mismatch, "events.jsonl", "it has no path to the root", line.event.seq);
    });
    if (!gone) return gone;
    chains.end();
    if (!last_proved)
      add(Kind::root_mismatch, "events.jsonl",
          "the last event of the room has no path to the root");
    count(chains);
    return {};
  }

  void count(const Chains& chains) {
    done_.events = chains.events();
    done_.parts = chains.parts();
  }

  const fs::path path_;
  const std::vector<NoteKey>& keys_;
  Report& report_;
  const GoOn& go_on_;
  Verified done_;
};

}  // namespace

Read verify_folder(const std::string& folder, const std::vector<NoteKey>& keys, Report& report,
                   const GoOn& go_on) {
  return Folder(folder, keys, report, go_on).verify();
}

}  // namespace compliance
