// SPDX-License-Identifier: Apache-2.0
#include "compliance/out/bundle.h"

#include "compliance/out/folder.h"
#include "compliance/out/read_me.h"
#include "compliance/tree/merkle.h"

namespace compliance {
namespace {

std::string proof_text(std::int64_t index, const std::vector<base::Sha256>& path,
                       const std::string& checkpoint) {
  std::string text = "c2sp.org/tlog-proof@v1\nindex " + std::to_string(index) + "\n";
  for (const auto& hash : path) text += base::base64(base::as_chars(hash)) + "\n";
  return text + "\n" + checkpoint;
}

}  // namespace

base::Result<std::int64_t, std::string> write_bundle(ArchiveReader& archive,
                                                     const Signatory& signatory,
                                                     const StoredEvent& event,
                                                     const std::string& folder) {
  const auto unanswered = [&] {
    return base::fail("the archive cannot be read: " + archive.last_error());
  };
  const auto covering = archive.checkpoint_covering(event.seq + 1);
  if (!covering) return unanswered();
  if (!*covering)
    return base::fail("event " + std::to_string(event.seq) +
                      " is not under a checkpoint yet: try again in ten seconds");
  const Checkpoint& checkpoint = **covering;
  const auto path = inclusion_proof(hashes_of(archive), event.seq, checkpoint.size);
  if (!path) return unanswered();
  if (root_from(*path, record::leaf_hash(event.leaf), event.seq, checkpoint.size) !=
      checkpoint.root)
    return base::fail("event " + std::to_string(event.seq) +
                      " is not what its checkpoint was signed over: verify the archive");

  auto made = NewFolder::begin(folder);
  if (!made) return base::fail(made.error());
  if (auto done = made->make_folder("parts"); !done) return base::fail(done.error());
  std::vector<std::pair<std::string, std::string>> files{
      {"event.leaf", event.leaf},
      {"event.tlog-proof", proof_text(event.seq, *path, checkpoint.note)},
      {"archive.pub", key_lines(signatory.keys)},
      {"README.txt", std::string(bundle_read_me)}};
  for (const auto& part : event.parts) {
    if (part.salt.empty()) continue;  // erased
    files.emplace_back("parts/" + std::to_string(part.n) + ".salt", part.salt);
    files.emplace_back("parts/" + std::to_string(part.n) + ".data", part.data);
  }
  for (const auto& [name, text] : files)
    if (auto put = made->write(name, text); !put) return base::fail(put.error());
  if (auto there = made->finish(); !there) return base::fail(there.error());
  return checkpoint.size;
}

}  // namespace compliance
