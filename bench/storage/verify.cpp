// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "bench/failed.h"
#include "bench/storage/archive_rows.h"
#include "bench/storage/storage.h"
#include "compliance/tree/merkle.h"
#include "compliance/verify/archive.h"
#include "db/stores/archive.h"

namespace bench::storage {
namespace {

using compliance::Subtree;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t events_a_checkpoint = 5000;
constexpr const char* origin = "localhost/archive/0123456789abcdef";

// An archive as the archivist leaves it, under a checkpoint every so many events.
void fill(compliance::ArchiveStore& archive, std::int64_t count, const base::SigningKey& key) {
  ArchiveRows rows;
  compliance::CompactRange tree;
  std::vector<Subtree> complete;
  while (tree.size() < count) {
    const auto some =
        rows.next(static_cast<std::size_t>(std::min(count - tree.size(), events_a_checkpoint)));
    for (const auto& row : some) {
      tree.append(row.leaf_hash);
      std::ranges::copy(tree.completed(), std::back_inserter(complete));
    }
    const compliance::CheckpointText text{origin, tree.size(), tree.root()};
    const auto note = compliance::sign_note(text.text(), origin, {&key});
    if (!archive.append(some) ||
        !archive.add_checkpoint({tree.size(), tree.root(), 1, note}, complete))
      throw Failed("the archive took no events: " + archive.last_error());
    complete.clear();
  }
}

}  // namespace

void run_verify(const Setup& setup, Report& report) {
  const auto key = base::SigningKey::make();
  {
    auto opened = db::open_archive(setup.content_url, setup.data_dir);
    if (!opened) throw Failed(opened.error());
    fill(**opened, setup.events, key);
  }
  auto reader = db::read_archive(setup.content_url, setup.data_dir);
  if (!reader) throw Failed(reader.error());
  const compliance::VerifyArchive what{{{origin, key.public_key()}}, {}, {}};
  const auto events = static_cast<double>(setup.events);
  for (int turn = 1; turn <= setup.turns; ++turn) {
    std::string finding;
    compliance::Report found([&](const compliance::Finding& one) { finding = one.json(); });
    const auto begin = Clock::now();
    const double cpu = cpu_of_this_thread();
    const auto done = compliance::verify_archive(**reader, what, found);
    const double spent = cpu_of_this_thread() - cpu;
    if (!done) throw Failed(done.error());
    if (!found.clean()) throw Failed("a sound archive is not found so: " + finding);
    if (done->signed_to != setup.events) throw Failed("the last checkpoint is not over all events");
    report.at_least("verify", "events verified in a second of CPU", events / spent, "/s", 150000);
    report.info("verify", "in a second",
                events / std::chrono::duration<double>(Clock::now() - begin).count(), "/s");
  }
}

}  // namespace bench::storage
