// SPDX-License-Identifier: Apache-2.0
// Chains: goes through events in their order in the archive and holds each against itself (bytes,
// columns, parts) and against the ones before it in its source and its room. It knows the leaves
// alone; the tree over them and its checkpoints are verified beside it (archive.h, export.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "compliance/archive_reader.h"
#include "compliance/verify/finding.h"
#include "record/leaf_reader.h"

namespace compliance {

struct Span {
  bool from_start = true;   // nothing was left out before the first
  bool all_sources = true;  // every event between the first and the last is there
  bool columns = true;      // it is the archive itself: there are columns beside the leaf
};

class Chains {
 public:
  Chains(Report& report, Span span) : report_(report), span_(span) {}

  // The hash of the leaf as it stands.
  base::Sha256 take(const StoredEvent& event);
  // After the last one: what had to wait for an explanation.
  void end();

  std::int64_t events() const { return events_; }
  std::int64_t parts() const { return parts_; }
  std::map<std::string, SourceHead> heads() const;

 private:
  struct Link {
    std::int64_t number = 0, seq = -1;
    base::Sha256 hash{};
  };
  struct Source : Link {
    std::optional<std::int64_t> suspect;  // the one before the last, which its successor denies
    std::int64_t mono = 0;
    std::string boot;
  };
  struct Clock {
    std::int64_t offset = 0, behind_since = 0;
    int behind = 0;
    bool known = false;
  };
  struct Gap {
    std::string source;
    std::int64_t first = 0, last = 0;
    std::optional<std::int64_t> seq;
  };
  struct Erased {
    std::int64_t seq = 0;
    std::size_t n = 0;
    std::string kind;
  };

  void columns(const StoredEvent& event, const record::LeafView& leaf);
  void contents(const StoredEvent& event, const record::LeafView& leaf);
  void erased(std::int64_t seq, std::size_t n, std::string_view kind);
  void source(const StoredEvent& event, const record::LeafView& leaf, const base::Sha256& hash);
  void room(const StoredEvent& event, const record::LeafView& leaf, const base::Sha256& hash);
  void clock(const StoredEvent& event, const record::LeafView& leaf, Source& source);
  void said(const StoredEvent& event, const record::LeafView& leaf);
  void flush(const std::string& name, Source& source);
  bool explained(const Gap& gap) const;
  static bool said_erased(const Erased& part);

  Report& report_;
  const Span span_;
  std::int64_t events_ = 0, parts_ = 0;
  bool sound_ = true;  // the leaf in hand is the one that was hashed: what it says counts
  std::unordered_map<std::string, Source> sources_;
  std::unordered_map<std::int64_t, Link> rooms_;
  std::unordered_map<std::string, Clock> clocks_;  // by boot id
  std::vector<Gap> gaps_, losses_;                 // losses: what events say is lost
  std::vector<Finding> room_gaps_;
  std::vector<Erased> erased_;  // an event that says so comes later than the part
};

}  // namespace compliance
