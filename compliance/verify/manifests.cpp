// SPDX-License-Identifier: Apache-2.0
#include "compliance/verify/manifests.h"

#include <limits>

#include "compliance/verify/files.h"

namespace compliance {
namespace {

constexpr std::size_t manifests_a_page = 50;  // with the hashes beside a range, a few KiB each

}  // namespace

base::Result<void, StoreError> verify_manifests(ArchiveReader& archive, Report& report) {
  std::int64_t next = 1;
  std::string before;  // hash of the one before, as the next one writes it
  bool known = true;   // what is before the next one: volumes that were sealed may be elsewhere
  for (std::int64_t above = std::numeric_limits<std::int64_t>::min();;) {
    const auto page = archive.manifests(above, manifests_a_page);
    if (!page) return base::fail(page.error());
    if (page->empty()) return {};
    for (const auto& kept : *page) {
      if (above == std::numeric_limits<std::int64_t>::min()) known = kept.number <= 1;
      above = kept.number;
      const auto hash = base::hex(base::as_chars(base::sha256(kept.text)));
      const auto says = read_manifest(kept.text);
      const bool follows = !known || (kept.number == next && says && says->previous == before);
      if (hash != kept.sha256 || !says || says->number != kept.number || !follows)
        report.add({Kind::file_modified, false, std::nullopt,
                    "manifest " + std::to_string(kept.number),
                    "it is not the manifest that was given out after the one before it"});
      next = kept.number + 1;
      before = hash;
      known = true;
    }
  }
}

}  // namespace compliance
