// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/sealer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace compliance {
namespace {

constexpr std::size_t leaves_a_page = 4096;

bool is_refusal(Sealing state) { return state != Sealing::ready && state != Sealing::unavailable; }

// What leaves alone say, where the subtrees are not to be trusted.
TreeHashes leaves_of(CheckpointStore& store) {
  return [all = hashes_of(store)](int level, std::int64_t first, std::size_t count) {
    return level == 0 ? all(level, first, count)
                      : std::optional<std::vector<base::Sha256>>(std::in_place);
  };
}

}  // namespace

std::string_view name(Sealing state) {
  switch (state) {
    case Sealing::ready:
      return "ready";
    case Sealing::unavailable:
      return "unavailable";
    case Sealing::truncated:
      return "truncated";
    case Sealing::inconsistent:
      return "inconsistent";
    case Sealing::foreign:
      return "foreign";
  }
  return "";
}

Sealer::Sealer(Parts parts)
    : parts_(std::move(parts)),
      published_(parts_.file),
      origin_(parts_.origin),
      last_(parts_.clock.monotonic()) {}

void Sealer::appended(const std::vector<base::Sha256>& leaves) {
  if (!tree_) return;
  for (const auto& leaf : leaves) grow(*tree_, leaf);
}

void Sealer::grow(CompactRange& tree, const base::Sha256& leaf) {
  tree.append(leaf);
  if (tree.size() > kept_) std::ranges::copy(tree.completed(), std::back_inserter(complete_));
}

bool Sealer::due() const {
  if (parts_.clock.monotonic() - last_ >= pause_) return !tree_ || tree_->size() > sealed_;
  return tree_ && state_ == Sealing::ready && tree_->size() - sealed_ >= checkpoint_events;
}

Sealing Sealer::ready() {
  if (state_ != Sealing::ready) parts_.log.info("checkpoints can be signed again");
  trouble_.clear();
  pause_ = checkpoint_time;
  return state_ = Sealing::ready;
}

std::string Sealer::unanswered() const {
  return "the archive does not answer: " + parts_.store.last_error();
}

Sealing Sealer::wait(std::string why) {
  tree_.reset();
  return unpublished(std::move(why));
}

// What is known of the archive stays true: nothing of it has to be read again.
Sealing Sealer::unpublished(std::string why) {
  trouble_ = std::move(why);
  pause_ = checkpoint_time;
  return state_ = Sealing::unavailable;
}

Sealing Sealer::refuse(Sealing why, std::string text) {
  tree_.reset();
  if (state_ != why)
    parts_.log.error("no checkpoint is signed: the archive does not continue what was published",
                     {{"state", std::string(name(why))}, {"why", text}, {"file", parts_.file}});
  trouble_ = std::move(text);
  pause_ = is_refusal(state_) ? std::min(2 * pause_, refused_time_max) : checkpoint_time;
  return state_ = why;
}

// What a note says of this archive, whoever signed it; an empty note says nothing of no leaves.
std::optional<CheckpointText> Sealer::words(const std::string& note) const {
  if (note.empty()) return CheckpointText{parts_.origin, 0, base::sha256("")};
  const auto parsed = Note::parse(note);
  auto text = parsed ? CheckpointText::parse(parsed->text) : std::nullopt;
  if (!text || (text->origin != parts_.origin && !text->origin.starts_with(parts_.origin + "/")))
    return std::nullopt;
  return text;
}

// The same, if it is by a key of ours.
std::optional<CheckpointText> Sealer::claim(const std::string& note) const {
  if (!note.empty()) {
    const auto parsed = Note::parse(note);
    if (!parsed || check_signatures(*parsed, parts_.known) != Signed::yes) return std::nullopt;
  }
  return words(note);
}

Sealing Sealer::read_claims(Claims& claims) {
  auto published = published_.last();
  if (!published) return wait(published.error());
  const auto size = parts_.store.size();
  if (!size) return wait(unanswered());
  const auto stored = parts_.store.last_checkpoint();
  if (!stored) return wait(unanswered());
  claims.size = *size;
  claims.outside_note = *std::move(published);
  claims.inside_note = *stored ? (*stored)->note : "";
  kept_ = *stored ? (*stored)->size : 0;

  const auto outside = claim(claims.outside_note);
  auto inside = claim(claims.inside_note);
  // What was signed later outside makes up for a key that is not known any more.
  if (auto said = words(claims.inside_note); outside && !inside && said)
    if (kept_ <= outside->size || epoch_of(said->origin) < epoch_of(outside->origin)) inside = said;
  if (!outside || !inside)
    return refuse(Sealing::foreign, "the last checkpoint in " +
                                        (outside ? "the archive" : parts_.file) +
                                        " is not this archive's, or not signed by its key");
  claims.outside = *outside;
  claims.inside = *inside;
  const auto signed_over =
      claims.superseded() ? outside->size : std::max(outside->size, inside->size);
  if (signed_over > *size)
    return refuse(Sealing::truncated, "a checkpoint over " + std::to_string(signed_over) +
                                          " events was signed, and the archive has " +
                                          std::to_string(*size));
  return Sealing::ready;
}

// Reads where the tree stands and holds it against what was published.
Sealing Sealer::load(Look look) {
  Claims claims;
  if (const auto read = read_claims(claims); read != Sealing::ready) return read;
  auto built = build(hashes_of(parts_.store), claims);
  if (built == Sealing::inconsistent && look == Look::first) {
    built = build(leaves_of(parts_.store), claims);
    if (built == Sealing::ready)
      parts_.log.warn(
          "the archive's subtrees do not agree with its leaves, which are those that "
          "were signed: proofs made of the subtrees are not good");
  }
  if (built == Sealing::inconsistent)
    return refuse(built, "its first events are not those that a checkpoint was signed over");
  return built == Sealing::ready ? ready() : built;
}

// The state at the first of the checkpoints, if what both say of leaves before that is so.
Sealing Sealer::check(const TreeHashes& hashes, const Claims& claims, CompactRange& tree) {
  const auto &outside = claims.outside, &inside = claims.inside;
  auto start =
      tree_at(hashes, claims.superseded() ? std::min(outside.size, inside.size) : inside.size);
  if (!start) return wait(unanswered());
  tree = *std::move(start);
  if (!claims.superseded() && tree.root() != inside.root) return Sealing::inconsistent;
  if (outside.size > tree.size()) return Sealing::ready;
  const auto then = tree_at(hashes, outside.size);
  if (!then) return wait(unanswered());
  return then->root() == outside.root ? Sealing::ready : Sealing::inconsistent;
}

Sealing Sealer::build(const TreeHashes& hashes, const Claims& claims) {
  const auto& outside = claims.outside;
  complete_.clear();
  CompactRange tree;
  if (const auto good = check(hashes, claims, tree); good != Sealing::ready) return good;
  const bool behind = !claims.superseded() && outside.size < claims.inside.size;
  if (behind) {
    parts_.log.warn("the file of checkpoints lacks the last ones: the last is written again",
                    {{"file", parts_.file}, {"size", std::to_string(claims.inside.size)}});
    if (const auto out = published_.append(claims.inside_note); !out) return wait(out.error());
  }
  while (tree.size() < claims.size) {
    const auto page = parts_.store.leaf_hashes(tree.size(), leaves_a_page);
    if (!page || page->empty()) return wait(unanswered());
    for (const auto& leaf : *page) {
      grow(tree, leaf);
      if (tree.size() != outside.size) continue;
      if (tree.root() != outside.root) return Sealing::inconsistent;
      // Published, and then the machine stopped before the archive had it.
      if (const auto kept = keep(outside, claims.outside_note); kept != Sealing::ready) return kept;
    }
  }
  tree_ = std::move(tree);
  origin_ = (behind ? claims.inside : outside).origin;
  sealed_ = (behind ? claims.inside : outside).size;
  return Sealing::ready;
}

// Where the archive has one over as many events, from before a loss, that one stays.
Sealing Sealer::keep(const CheckpointText& checkpoint, const std::string& note) {
  if (checkpoint.size <= kept_) return Sealing::ready;
  if (!parts_.store.add_checkpoint({checkpoint.size, checkpoint.root, parts_.clock.wall().us, note},
                                   complete_))
    return wait("the archive does not take a checkpoint: " + parts_.store.last_error());
  complete_.clear();
  kept_ = checkpoint.size;
  return Sealing::ready;
}

Sealing Sealer::seal() {
  last_ = parts_.clock.monotonic();
  const auto look = state_ == Sealing::inconsistent ? Look::again : Look::first;
  if (!tree_ && load(look) != Sealing::ready) return state_;
  if (tree_->size() == sealed_) return ready();
  return publish();
}

Sealing Sealer::publish() {
  const CheckpointText checkpoint{origin_, tree_->size(), tree_->root()};
  std::vector<const base::SigningKey*> keys{&parts_.key};
  if (parts_.before != nullptr) keys.push_back(parts_.before);
  const std::string note = sign_note(checkpoint.text(), parts_.origin, keys);
  if (const auto out = published_.append(note); !out) return unpublished(out.error());
  if (const auto kept = keep(checkpoint, note); kept != Sealing::ready) return kept;
  sealed_ = checkpoint.size;
  if (std::exchange(parts_.before, nullptr) != nullptr && parts_.rotated) parts_.rotated();
  return ready();
}

// From the leaves alone, with the subtrees that are not kept yet.
base::Result<CompactRange, std::string> Sealer::tree_of_all() {
  const auto size = parts_.store.size();
  if (!size) return base::fail(unanswered());
  complete_.clear();
  CompactRange tree;
  while (tree.size() < *size) {
    const auto page = parts_.store.leaf_hashes(tree.size(), leaves_a_page);
    if (!page || page->empty()) return base::fail(unanswered());
    for (const auto& leaf : *page) grow(tree, leaf);
  }
  return tree;
}

base::Result<std::int64_t, std::string> Sealer::accept() {
  if (load(Look::first) == Sealing::ready)
    return base::fail(
        std::string("there is nothing to accept: the archive continues what was "
                    "published"));
  if (state_ == Sealing::unavailable) return base::fail(trouble_);
  const auto published = published_.last();
  if (!published) return base::fail(published.error());
  const auto stored = parts_.store.last_checkpoint();
  if (!stored) return base::fail(unanswered());
  const auto outside = words(*published), inside = words(*stored ? (*stored)->note : "");
  if (!outside || !inside)
    return base::fail("the last checkpoint in " + (outside ? "the archive" : parts_.file) +
                      " is another archive's: move that file away instead, and keep it");
  kept_ = *stored ? (*stored)->size : 0;
  const auto tree = tree_of_all();
  if (!tree) return base::fail(tree.error());
  const int epoch = std::max(epoch_of(outside->origin), epoch_of(inside->origin)) + 1;
  const CheckpointText checkpoint{parts_.origin + "/" + std::to_string(epoch), tree->size(),
                                  tree->root()};
  const std::string note = sign_note(checkpoint.text(), parts_.origin, {&parts_.key});
  if (const auto out = published_.append(note); !out) return base::fail(out.error());
  if (keep(checkpoint, note) != Sealing::ready) return base::fail(trouble_);
  if (load(Look::first) != Sealing::ready)
    return base::fail("it is accepted, and something else is in the way: " + trouble_);
  return checkpoint.size;
}

}  // namespace compliance
