// SPDX-License-Identifier: Apache-2.0
#include "compliance/out/export.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/file_hash.h"
#include "compliance/out/folder.h"
#include "compliance/out/read_me.h"
#include "compliance/tree/merkle.h"
#include "record/json.h"
#include "record/leaf_reader.h"

namespace compliance {
namespace {

namespace json = record::json;

constexpr std::size_t rows_a_page = 1000;
constexpr std::string_view events_file = "events.jsonl", checkpoint_file = "checkpoint.note";

using GoOn = std::function<bool(std::int64_t, std::int64_t)>;

std::string hashes(const std::vector<base::Sha256>& list) {
  json::Array out;
  for (const auto& hash : list) out.text(base::base64(base::as_chars(hash)));
  return out.end();
}

std::string line_of(const StoredEvent& event, const std::vector<base::Sha256>* proof) {
  json::Array parts;
  for (const auto& part : event.parts) {
    json::Object one;
    one.integer("n", part.n);
    if (part.salt.empty()) {
      one.boolean("erased", true);
    } else {
      one.text("salt", base::base64(part.salt));
      one.text("data", part.data);
    }
    parts.json(one.end());
  }
  json::Object line;
  line.integer("seq", event.seq);
  line.text("leaf", event.leaf);
  line.json("parts", parts.end());
  if (proof != nullptr) line.json("proof", hashes(*proof));
  return line.end() + "\n";
}

class Export {
 public:
  Export(ArchiveReader& archive, ManifestStore& manifests, const Signatory& signatory,
         const ExportRequest& request, NewFolder& folder, const GoOn& go_on)
      : archive_(archive),
        manifests_(manifests),
        signatory_(signatory),
        request_(request),
        folder_(folder),
        go_on_(go_on) {}

  base::Result<Exported, std::string> write() {
    const auto covering =
        archive_.checkpoint_covering(std::max<std::int64_t>(request_.last + 1, 1));
    if (!covering) return unanswered();
    if (!*covering)
      return base::fail("event " + std::to_string(request_.last) +
                        " is not under a checkpoint yet: try again in ten seconds");
    checkpoint_ = **covering;
    const auto note = Note::parse(checkpoint_.note);
    const auto says = note ? CheckpointText::parse(note->text) : std::nullopt;
    if (!says || says->size != checkpoint_.size || says->root != checkpoint_.root)
      return base::fail("the checkpoint over " + std::to_string(checkpoint_.size) +
                        " events is not what was signed: verify the archive");
    origin_ = says->origin;
    if (auto done = events(); !done) return base::fail(done.error());
    if (auto done = folder_.write(std::string(checkpoint_file), checkpoint_.note); !done)
      return base::fail(done.error());
    return manifest();
  }

 private:
  base::Failure<std::string> unanswered() {
    return base::fail("the archive cannot be read: " + archive_.last_error());
  }

  base::Result<void, std::string> events() {
    auto file = folder_.open(std::string(events_file));
    if (!file) return base::fail(file.error());
    auto done = request_.room_id ? room(*file, *request_.room_id) : range(*file);
    if (!done) return done;
    return file->close();
  }

  base::Result<void, std::string> range(NewFolder::File& file) {
    for (std::int64_t next = request_.first; next <= request_.last;) {
      const auto page = archive_.events(next, rows_a_page);
      if (!page) return unanswered();
      if (page->empty()) break;
      for (const auto& event : *page)
        if (event.seq <= request_.last) write_line(file, event, nullptr);
      next = page->back().seq + 1;
      if (!go_on(next)) return stopped();
    }
    return {};
  }

  // The last event of the room's chain carries a path. That it is the last is known when the next
  // one comes, or none does; reads meanwhile wait behind it, up to a page of them: then it carries
  // one in any case.
  base::Result<void, std::string> room(NewFolder::File& file, std::int64_t id) {
    for (std::int64_t number = 0;;) {
      const auto page = archive_.room_events(id, number, rows_a_page);
      if (!page) return unanswered();
      if (page->empty()) break;
      for (const auto& event : *page) {
        if (event.seq < request_.first || event.seq > request_.last) continue;
        const auto leaf = record::read_leaf(event.leaf);
        if (!leaf)
          return base::fail("event " + std::to_string(event.seq) + " is no leaf: verify first");
        if (leaf->room_previous || waiting_.size() > rows_a_page)
          if (auto put = flush(file, !leaf->room_previous); !put) return put;
        waiting_.push_back(event);
      }
      number = page->back().number.value_or(number) + 1;
      if (!go_on(page->back().seq)) return stopped();
    }
    return flush(file, true);
  }

  // What waits: the last of the chain, if there is one, and reads.
  base::Result<void, std::string> flush(NewFolder::File& file, bool last) {
    for (const auto& event : waiting_) {
      const auto leaf = record::read_leaf(event.leaf);
      if (leaf->room_previous && !last) {
        write_line(file, event, nullptr);
        continue;
      }
      const auto proof = inclusion_proof(hashes_of(archive_), event.seq, checkpoint_.size);
      if (!proof) return unanswered();
      write_line(file, event, &*proof);
    }
    waiting_.clear();
    return {};
  }

  void write_line(NewFolder::File& file, const StoredEvent& event,
                  const std::vector<base::Sha256>* proof) {
    file.write(line_of(event, proof));
    ++count_;
  }

  bool go_on(std::int64_t at) const {
    const std::int64_t total = request_.last - request_.first + 1;
    return !go_on_ || go_on_(std::clamp<std::int64_t>(at - request_.first, 0, total), total);
  }
  static base::Failure<std::string> stopped() { return base::fail(std::string("it was stopped")); }

  base::Result<std::string, std::string> file_entry(std::string_view name) const {
    const std::string path = folder_.path_of(std::string(name));
    const auto sha256 = base::sha256_of_file(path, [] { return true; });
    if (!sha256) return base::fail(sha256.error());
    json::Object file;
    file.text("name", name);
    file.integer("bytes", static_cast<std::int64_t>(std::filesystem::file_size(path)));
    file.text("sha256", base::hex(base::as_chars(*sha256)));
    return file.end();
  }

  // All of the manifest but its number and the one before it: what makes two exports the same.
  base::Result<void, std::string> describe(json::Object& manifest) {
    manifest.integer("v", 1);
    manifest.text("origin", origin_);
    manifest.text("kind", request_.room_id ? "room" : "range");
    if (request_.room_id) manifest.text("room", record::room_name(*request_.room_id));
    manifest.integer("first", request_.first);
    manifest.integer("last", request_.last);
    manifest.integer("events", count_);
    manifest.integer("size", checkpoint_.size);
    manifest.text("root", base::base64(base::as_chars(checkpoint_.root)));
    if (!request_.room_id) {
      const auto left = tree_at(hashes_of(archive_), request_.first);
      const auto right = right_of(hashes_of(archive_), request_.last + 1, checkpoint_.size);
      if (!left || !right) return unanswered();
      std::vector<base::Sha256> beside;
      for (const auto& subtree : *right) beside.push_back(subtree.hash);
      manifest.json("left", hashes(left->peaks()));
      manifest.json("right", hashes(beside));
    }
    json::Array files;
    for (const auto name : {checkpoint_file, events_file}) {
      auto entry = file_entry(name);
      if (!entry) return base::fail(entry.error());
      files.json(*entry);
    }
    manifest.json("files", files.end());
    return {};
  }

  base::Result<std::string, std::string> manifest_text(std::int64_t number,
                                                       const std::string& previous) {
    json::Object manifest;
    if (auto done = describe(manifest); !done) return base::fail(done.error());
    manifest.integer("number", number);
    manifest.text("previous", previous);
    return manifest.end() + "\n";
  }

  // Kept in the archive before anybody has it: a try that breaks off behind this finds it again.
  base::Result<Manifest, std::string> numbered(bool& again) {
    json::Object asked;
    asked.text("kind", request_.room_id ? record::room_name(*request_.room_id) : "range");
    asked.integer("first", request_.first);
    asked.integer("last", request_.last);
    const base::Sha256 request = base::sha256(asked.end());
    for (int tries = 0; tries < 100; ++tries) {
      const auto known = manifests_.manifest_for(request);
      const auto last = known ? manifests_.last_manifest() : base::fail(StoreError::unavailable);
      if (!last) break;
      again = known->has_value();
      if (again) return **known;
      const std::int64_t number = *last ? (*last)->number + 1 : 1;
      auto text = manifest_text(number, *last ? base::hex(base::as_chars((*last)->sha256)) : "");
      if (!text) return base::fail(text.error());
      const Manifest made{number, request, base::sha256(*text), *text};
      const auto added = manifests_.add_manifest(made);
      if (added) return made;
      if (added.error() == StoreError::unavailable) break;  // refused: another was quicker
    }
    return base::fail("the archive does not take the manifest: " + manifests_.last_error());
  }

  base::Result<Exported, std::string> manifest() {
    Exported done;
    const auto kept = numbered(done.again);
    if (!kept) return base::fail(kept.error());
    if (done.again)
      if (auto same = compare(*kept); !same) return base::fail(same.error());
    done.number = kept->number;
    done.events = count_;
    done.sha256 = base::hex(base::as_chars(kept->sha256));
    const std::string note =
        sign_note("hansard-export-1\n" + signatory_.name + "\n" + done.sha256 + "\n",
                  signatory_.name, {&signatory_.key});
    for (const auto& [name, text] :
         {std::pair<std::string, std::string>{"manifest.json", kept->text},
          {"manifest.note", note},
          {"archive.pub", key_lines(signatory_.keys)},
          {"README.txt", std::string(export_read_me)}})
      if (auto put = folder_.write(name, text); !put) return base::fail(put.error());
    return done;
  }

  // What was exported under this number before must be what is exported now.
  base::Result<void, std::string> compare(const Manifest& kept) {
    for (const auto name : {checkpoint_file, events_file}) {
      const auto entry = file_entry(name);
      if (!entry) return base::fail(entry.error());
      if (kept.text.find(*entry) == std::string::npos)
        return base::fail("the same was exported as number " + std::to_string(kept.number) +
                          " and " + std::string(name) + " was another then: verify the archive");
    }
    return {};
  }

  ArchiveReader& archive_;
  ManifestStore& manifests_;
  const Signatory& signatory_;
  const ExportRequest& request_;
  NewFolder& folder_;
  const GoOn& go_on_;
  Checkpoint checkpoint_;
  std::string origin_;
  std::vector<StoredEvent> waiting_;
  std::int64_t count_ = 0;
};

}  // namespace

base::Result<Exported, std::string> write_export(ArchiveReader& archive, ManifestStore& manifests,
                                                 const Signatory& signatory,
                                                 const ExportRequest& request,
                                                 const std::string& folder, const GoOn& go_on) {
  auto made = NewFolder::begin(folder);
  if (!made) return base::fail(made.error());
  auto done = Export(archive, manifests, signatory, request, *made, go_on).write();
  if (!done) return done;
  if (auto there = made->finish(); !there) return base::fail(there.error());
  return done;
}

}  // namespace compliance
