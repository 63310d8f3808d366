// SPDX-License-Identifier: Apache-2.0
// An archive that hands everything on to another; what a test wants otherwise it overrides.
#pragma once

#include "compliance/archive_store.h"

namespace tests {

class ForwardingArchive : public compliance::ArchiveStore {
 public:
  template <class T>
  using Answer = base::Result<T, compliance::StoreError>;
  using Hashes = std::vector<base::Sha256>;
  explicit ForwardingArchive(compliance::ArchiveStore& a) : real(a) {}
  Answer<std::string> id() override { return real.id(); }
  Answer<std::map<std::string, compliance::SourceHead>> heads() override { return real.heads(); }
  Answer<std::optional<base::Sha256>> leaf_hash(const std::string& source,
                                                std::int64_t sn) override {
    return real.leaf_hash(source, sn);
  }
  Answer<void> append(const std::vector<compliance::OutboxRow>& rows) override {
    return real.append(rows);
  }
  Answer<void> skip(const std::string& source, const compliance::SourceHead& head) override {
    return real.skip(source, head);
  }
  Answer<bool> close_month() override { return real.close_month(); }
  Answer<std::int64_t> size() override { return real.size(); }
  Answer<Hashes> leaf_hashes(std::int64_t first, std::size_t count) override {
    return real.leaf_hashes(first, count);
  }
  Answer<Hashes> subtrees(int level, std::int64_t first, std::size_t count) override {
    return real.subtrees(level, first, count);
  }
  Answer<std::optional<compliance::Checkpoint>> last_checkpoint() override {
    return real.last_checkpoint();
  }
  Answer<void> add_checkpoint(const compliance::Checkpoint& checkpoint,
                              const std::vector<compliance::Subtree>& complete) override {
    return real.add_checkpoint(checkpoint, complete);
  }
  std::string last_error() const override { return real.last_error(); }
  compliance::ArchiveStore& real;
};

}  // namespace tests
