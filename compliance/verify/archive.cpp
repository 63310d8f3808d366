// SPDX-License-Identifier: Apache-2.0
#include "compliance/verify/archive.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "compliance/tree/merkle.h"
#include "compliance/verify/chains.h"
#include "compliance/verify/manifests.h"

namespace compliance {
namespace {

constexpr std::int64_t seq_max = std::int64_t{1} << 53;
constexpr std::size_t rows_a_page = 2000, checkpoints_a_page = 5000, subtrees_a_page = 1000;

using Failed = std::string;

// A signed statement about the tree, and where it was found.
struct Claim {
  CheckpointText says;
  std::string where;
  bool outside = false;
};

class Whole {
 public:
  Whole(ArchiveReader& archive, const VerifyArchive& what, Report& report)
      : archive_(archive), what_(what), report_(report), chains_(report, Span{}) {}

  base::Result<Verified, Failed> verify() {
    for (const auto& note : what_.outside) claim(note, "a checkpoint from outside", true);
    if (auto gone = go_through_events(); !gone) return base::fail(gone.error());
    chains_.end();
    if (auto said = say_amiss(); !said) return base::fail(said.error());
    while (!claims_.empty() || more_claims_) {
      if (auto met = meet_claims(); !met) return base::fail(met.error());
      if (!claims_.empty()) beyond(claims_.extract(claims_.begin()).mapped().front());
    }
    if (done_.checkpoints == 0)
      report_.add({Kind::key_unknown, true, std::nullopt, "",
                   "there is no checkpoint: nothing says what this archive was before"});
    if (auto compared = compare_heads(); !compared) return base::fail(compared.error());
    compare_subtrees();
    if (!verify_manifests(archive_, report_)) return unanswered();
    done_.events = chains_.events();
    done_.parts = chains_.parts();
    done_.size = tree_.size();
    done_.root = tree_.root();
    return done_;
  }

 private:
  // The next checkpoints of the archive, if the tree has come to the end of those that were read.
  base::Result<void, Failed> read_claims() {
    while (more_claims_ && (read_to_ <= tree_.size() || claims_.empty())) {
      const auto page = archive_.checkpoints(read_to_, checkpoints_a_page);
      if (!page) return unanswered();
      more_claims_ = !page->empty();
      for (const auto& checkpoint : *page) {
        read_to_ = checkpoint.size;
        const std::string where = "checkpoint " + std::to_string(checkpoint.size);
        const auto says = claim(checkpoint.note, where);
        if (says && (says->size != checkpoint.size || says->root != checkpoint.root))
          report_.add({Kind::ckpt_inconsistent, false, std::nullopt, where,
                       "its row does not say what its signed note says"});
      }
    }
    return {};
  }

  std::optional<CheckpointText> claim(const std::string& text, const std::string& where,
                                      bool outside = false) {
    const auto note = Note::parse(text);
    const auto says = note ? CheckpointText::parse(note->text) : std::nullopt;
    const Signed is = says ? check_signatures(*note, what_.keys) : Signed::wrong;
    if (is == Signed::wrong)
      report_.add(
          {Kind::ckpt_sig_bad, false, std::nullopt, where,
           says ? "its signature is not by the key that it names" : "it is no signed checkpoint"});
    if (is == Signed::unknown)
      report_.add({Kind::key_unknown, false, std::nullopt, where,
                   "it is signed by none of the keys that were given"});
    if (is != Signed::yes) return says;
    ++done_.checkpoints;
    claims_[says->size].push_back({*says, where, outside});
    return says;
  }

  base::Result<void, Failed> go_through_events() {
    const auto size = archive_.size();
    if (!size) return unanswered();
    auto heads = archive_.heads();
    if (!heads) return unanswered();
    heads_before_ = *std::move(heads);
    if (auto met = meet_claims(); !met) return met;
    if (auto looked = look_for_parts(std::numeric_limits<std::int64_t>::min(), 0); !looked)
      return looked;
    std::int64_t next = 0;
    for (std::int64_t from = std::numeric_limits<std::int64_t>::min();; from = next) {
      const auto page = archive_.events(from, rows_a_page);
      if (!page) return unanswered();
      if (page->empty()) return look_for_parts(next, std::numeric_limits<std::int64_t>::max());
      for (const auto& event : *page) {
        if (event.seq < next || event.seq > seq_max) {
          report_.add({Kind::seq_gap, false, event.seq, "", "no event has such a number"});
          // What follows cannot be asked for by number.
          if (event.seq > seq_max)
            return look_for_parts(next, std::numeric_limits<std::int64_t>::max());
          continue;
        }
        if (event.seq != next)
          if (auto said = missing(next, event.seq); !said) return said;
        reached_ = next = event.seq + 1;
        tree_.append(chains_.take(event));
        std::ranges::copy(tree_.completed(), std::back_inserter(subtrees_));
        if (auto met = meet_claims(); !met) return met;
      }
      compare_subtrees();
      if (what_.go_on && !what_.go_on(next, std::max(*size, next)))
        return base::fail(Failed("it was stopped"));
    }
  }

  base::Result<void, Failed> missing(std::int64_t first, std::int64_t end) {
    shifted_ = true;
    report_.add(
        {Kind::seq_gap, false, first, "",
         "events " + std::to_string(first) + " to " + std::to_string(end - 1) + " are missing"});
    return look_for_parts(first, end);
  }

  // Where no event is there is no part either.
  base::Result<void, Failed> look_for_parts(std::int64_t first, std::int64_t end) {
    const auto found = archive_.part_of_no_event(first, end);
    if (!found) return unanswered();
    if (*found) report_.add({Kind::part_modified, false, **found, "", "a part of no event"});
    return {};
  }

  base::Result<void, Failed> say_amiss() {
    const auto all = archive_.amiss();
    if (!all) return unanswered();
    for (const auto& amiss : *all)
      report_.add({Kind::seq_gap, false, amiss.seq, amiss.where, amiss.text});
    return {};
  }

  // A note may come when the tree has gone past what it is over: its row says another size.
  base::Result<void, Failed> meet_claims() {
    if (auto read = read_claims(); !read) return read;
    while (!claims_.empty() && claims_.begin()->first <= tree_.size()) {
      const std::int64_t size = claims_.begin()->first;
      const auto claims = claims_.extract(claims_.begin()).mapped();
      if (shifted_) continue;
      const auto root = root_of(size);
      if (!root) return unanswered();
      const auto right = [&](const Claim& claim) { return claim.says.root == *root; };
      if (std::ranges::all_of(claims, right)) done_.signed_to = std::max(done_.signed_to, size);
      for (const auto& claim : claims)
        if (!right(claim)) mismatch(claim);
    }
    return {};
  }

  std::optional<base::Sha256> root_of(std::int64_t size) {
    if (size == tree_.size()) return tree_.root();
    const auto before = tree_at(hashes_of(archive_), size);
    return before ? std::optional(before->root()) : std::nullopt;
  }

  // Whatever does not fit one checkpoint fits none after it: the first is said, of those inside and
  // of those from outside.
  void mismatch(const Claim& claim) {
    if (std::exchange(mismatched_[claim.outside ? 1 : 0], true)) return;
    report_.add({claim.outside ? Kind::ckpt_inconsistent : Kind::root_mismatch, false, std::nullopt,
                 claim.where,
                 "the first " + std::to_string(claim.says.size) +
                     " events are not those it was signed over, nor can they be of any "
                     "checkpoint after it"});
  }

  void beyond(const Claim& claim) {
    if (claim.says.size <= reached_) return;  // events are missing before it, which is said
    report_.add({Kind::truncated, false, std::nullopt, claim.where,
                 "it was signed over " + std::to_string(claim.says.size) +
                     " events, and the archive has " + std::to_string(tree_.size())});
  }

  base::Result<void, Failed> compare_heads() {
    const auto stored = archive_.heads();
    if (!stored) return unanswered();
    const auto heads = chains_.heads();
    done_.sources = static_cast<std::int64_t>(heads.size());
    for (const auto& [source, head] : heads_before_) {
      const auto found = heads.find(source);
      const std::int64_t is = found == heads.end() ? 0 : found->second.sn;
      if (is < head.sn)
        report_.add({Kind::truncated, false, std::nullopt, "source " + source,
                     "its head says " + std::to_string(head.sn) + " events, and " +
                         std::to_string(is) + " are here"});
    }
    // What came while this went on is ahead of what was gone through.
    for (const auto& [source, is] : heads) {
      const auto found = stored->find(source);
      const bool behind = found == stored->end() || found->second.sn < is.sn;
      if (behind || (found->second.sn == is.sn && found->second.hash != is.hash))
        report_.add({Kind::index_stale, false, std::nullopt, "source " + source,
                     "its head does not say where its events end"});
    }
    return {};
  }

  // What is kept of the tree, for proofs. Only up to the last checkpoint.
  void compare_subtrees() {
    // Where events are missing all that follow stand in other places of the tree.
    if (shifted_) subtrees_.clear();
    std::map<int, std::vector<Subtree>> levels;
    for (auto& subtree : subtrees_) levels[subtree.level].push_back(subtree);
    subtrees_.clear();
    for (const auto& [level, made] : levels) {
      for (std::size_t at = 0; at < made.size(); at += subtrees_a_page) {
        const auto count = std::min(subtrees_a_page, made.size() - at);
        const auto kept = archive_.subtrees(level, made[at].index, count);
        if (!kept) return;
        for (std::size_t n = 0; n < kept->size(); ++n)
          if ((*kept)[n] != made[at + n].hash)
            report_.add(
                {Kind::index_stale, false, std::nullopt,
                 "subtree " + std::to_string(level) + "/" + std::to_string(made[at + n].index),
                 "it is not the hash over its events"});
      }
    }
  }

  base::Failure<Failed> unanswered() {
    return base::fail("the archive does not answer: " + archive_.last_error());
  }

  ArchiveReader& archive_;
  const VerifyArchive& what_;
  Report& report_;
  Chains chains_;
  CompactRange tree_;
  std::vector<Subtree> subtrees_;
  std::map<std::int64_t, std::vector<Claim>> claims_;  // by size
  std::int64_t read_to_ = 0;  // size of the last checkpoint of the archive that was read
  bool more_claims_ = true;
  std::map<std::string, SourceHead> heads_before_;  // when it began
  std::int64_t reached_ = 0;                        // the number after the last event's
  bool shifted_ = false, mismatched_[2] = {};
  Verified done_;
};

}  // namespace

base::Result<Verified, std::string> verify_archive(ArchiveReader& archive,
                                                   const VerifyArchive& what, Report& report) {
  return Whole(archive, what, report).verify();
}

}  // namespace compliance
