// SPDX-License-Identifier: Apache-2.0
// What a verification found. The names are stable: programs and reports go by them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace compliance {

enum class Kind : std::uint8_t {
  leaf_modified,
  projection_mismatch,
  part_modified,
  part_missing,
  part_redacted,  // for information
  seq_gap,
  truncated,
  root_mismatch,
  ckpt_sig_bad,
  ckpt_inconsistent,
  key_unknown,
  src_gap,
  src_dup,
  src_fork,
  room_gap,
  clock_step_unexplained,
  index_stale,
  file_modified,
  file_missing,
};
std::string_view name(Kind kind);  // "LEAF_MODIFIED"

struct Finding {
  Kind kind = Kind::leaf_modified;
  // It says what was done lawfully and is accounted for, or what is no fault of the evidence.
  bool information = false;
  std::optional<std::int64_t> seq;
  std::string where;  // "source n1.7 sn 5", "room r-…, 12", a file; "" if `seq` says it
  std::string text;   // one sentence for people

  std::string json() const;  // one line
};

// Where findings go, and how many there were.
class Report {
 public:
  using Sink = std::function<void(const Finding&)>;
  explicit Report(Sink sink) : sink_(std::move(sink)) {}

  void add(Finding finding) {
    ++(finding.information ? information_ : findings_);
    if (sink_) sink_(finding);
  }
  std::int64_t findings() const { return findings_; }
  std::int64_t information() const { return information_; }
  bool clean() const { return findings_ == 0; }

 private:
  Sink sink_;
  std::int64_t findings_ = 0, information_ = 0;
};

}  // namespace compliance
