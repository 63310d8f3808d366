// SPDX-License-Identifier: Apache-2.0
// Sealer: signs the archive's tree as it grows. Each checkpoint goes to the file outside first and
// then into the archive, so that what was signed cannot be forgotten by whoever restores or
// rewrites the database. It never signs a tree that does not continue the last one it published.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/signing.h"
#include "base/time.h"
#include "compliance/checkpoint_store.h"
#include "compliance/tree/merkle.h"
#include "compliance/tree/note.h"
#include "compliance/tree/published.h"

namespace compliance {

constexpr std::int64_t checkpoint_events = 5000;
constexpr base::Micros checkpoint_time = base::seconds(10);
// While the archive does not continue what was published it is looked at less and less often, at
// least this often.
constexpr base::Micros refused_time_max = base::minutes(1);

// Whether the tree may be signed.
enum class Sealing {
  ready,
  unavailable,   // the archive or the file outside does not answer; try again
  truncated,     // the archive has fewer leaves than a checkpoint outside says
  inconsistent,  // other leaves than a checkpoint outside says
  foreign,       // the checkpoints outside are not this archive's, or not by a key of ours
};
std::string_view name(Sealing state);

// One thread, but for state().
class Sealer {
 public:
  struct Parts {
    CheckpointStore& store;
    base::Clock& clock;
    base::Log& log;
    const base::SigningKey& key;
    std::vector<NoteKey> known;  // the public halves of ours, those of before too
    // While a new key takes over, the one before: signs beside it until the next checkpoint is out.
    const base::SigningKey* before = nullptr;
    std::function<void()> rotated = {};  // it is out: `before` is not needed any more
    std::string origin;  // of this archive's checkpoints, and the name they are signed under
    std::string file;    // where they are published
  };
  // All must outlive it.
  explicit Sealer(Parts parts);

  // The store's tree has these leaves more now.
  void appended(const std::vector<base::Sha256>& leaves);
  // It is not known how many leaves the store has: it is asked again.
  void forget() { tree_.reset(); }

  // Enough has come, or waited long enough.
  bool due() const;
  // Signs what is there, if anything is new. What was not `ready` says why in trouble().
  Sealing seal();
  // Whoever operates this accepts that the archive does not continue what was published: from here
  // on checkpoints have an origin of their own, and the ones before stand for what is lost. The
  // first of them is made, and the archive looked at again. The error is a sentence; there is
  // nothing to accept if the tree continues.
  base::Result<std::int64_t, std::string> accept();
  // Leaves below this are under a checkpoint that is out.
  std::int64_t sealed() const { return sealed_; }
  Sealing state() const { return state_; }
  const std::string& trouble() const { return trouble_; }

 private:
  // What was signed, as far as it is known where the archive has `size` leaves.
  struct Claims {
    std::int64_t size = 0;
    CheckpointText outside, inside;
    std::string outside_note, inside_note;
    // A loss was accepted since the archive's: what that says of its leaves does not hold any more.
    bool superseded() const { return epoch_of(outside.origin) > epoch_of(inside.origin); }
  };

  base::Result<CompactRange, std::string> tree_of_all();
  std::optional<CheckpointText> words(const std::string& note) const;
  std::optional<CheckpointText> claim(const std::string& note) const;
  enum class Look { again, first };  // again: it was found inconsistent, and all leaves were read
  Sealing load(Look look);
  Sealing read_claims(Claims& claims);
  Sealing build(const TreeHashes& hashes, const Claims& claims);
  Sealing check(const TreeHashes& hashes, const Claims& claims, CompactRange& tree);
  void grow(CompactRange& tree, const base::Sha256& leaf);
  Sealing keep(const CheckpointText& checkpoint, const std::string& note);
  Sealing ready();
  std::string unanswered() const;
  Sealing refuse(Sealing why, std::string text);
  Sealing wait(std::string why);
  Sealing unpublished(std::string why);
  Sealing publish();

  Parts parts_;
  Published published_;
  std::optional<CompactRange> tree_;  // all that is known to be in the store
  std::vector<Subtree> complete_;     // since the last checkpoint that the archive has
  std::int64_t kept_ = 0;             // leaves under that one
  std::string origin_;                // of the last that is out; a new one after a loss
  std::int64_t sealed_ = 0;
  base::Time last_;  // monotonic: when the last one was made, or tried
  base::Micros pause_ = checkpoint_time;
  Sealing state_ = Sealing::ready;
  std::string trouble_;
};

}  // namespace compliance
