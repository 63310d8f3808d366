// SPDX-License-Identifier: Apache-2.0
#include "compliance/archive_reader.h"

#include <algorithm>

namespace compliance {
namespace {

// Events that lie closer together than this are read in one go.
constexpr std::int64_t stretch = 64;
constexpr std::size_t checkpoints_a_page = 10'000;

}  // namespace

ArchiveReader::Read<std::vector<StoredEvent>> events_of(ArchiveReader& archive,
                                                        const std::vector<std::int64_t>& seqs) {
  std::vector<StoredEvent> found;
  for (auto at = seqs.begin(); at != seqs.end();) {
    const std::int64_t first = *at;
    const auto end =
        std::find_if(at, seqs.end(), [&](std::int64_t seq) { return seq - first >= stretch; });
    const std::int64_t last = *(end - 1);
    auto page = archive.events(first, static_cast<std::size_t>(last - first) + 1);
    if (!page) return base::fail(page.error());
    std::int64_t reached = first;
    for (auto& event : *page) {
      reached = event.seq;
      if (std::binary_search(at, end, event.seq)) found.push_back(std::move(event));
    }
    // A page ends early where events are large.
    at = page->empty() || reached >= last ? end : std::upper_bound(at, end, reached);
  }
  return found;
}

// It lies near the end, unless none could be signed for long.
ArchiveReader::Read<std::optional<Checkpoint>> last_checkpoint(ArchiveReader& archive) {
  const auto size = archive.size();
  if (!size) return base::fail(size.error());
  for (std::int64_t distance = 20'000;; distance *= 16) {
    std::int64_t above = std::max<std::int64_t>(0, *size - distance);
    const bool all = above == 0;
    std::optional<Checkpoint> last;
    for (;;) {
      auto page = archive.checkpoints(above, checkpoints_a_page);
      if (!page) return base::fail(page.error());
      if (page->empty()) break;
      last = std::move(page->back());
      above = last->size;
    }
    if (last || all) return last;
  }
}

}  // namespace compliance
