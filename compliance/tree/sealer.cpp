// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/sealer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace compliance {
namespace {

constexpr std::size_t leaves_a_page = 4096;

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
  std::ranges::copy(tree.completed(), std::back_inserter(complete_));
}

bool Sealer::due() const {
  if (parts_.clock.monotonic() - last_ >= checkpoint_time) return !tree_ || tree_->size() > sealed_;
  return tree_ && state_ == Sealing::ready && tree_->size() - sealed_ >= checkpoint_events;
}

Sealing Sealer::ready() {
  if (state_ != Sealing::ready) parts_.log.info("checkpoints can be signed again");
  trouble_.clear();
  return state_ = Sealing::ready;
}

std::string Sealer::unanswered() const {
  return "the archive does not answer: " + parts_.store.last_error();
}

Sealing Sealer::wait(std::string why) {
  tree_.reset();
  trouble_ = std::move(why);
  return state_ = Sealing::unavailable;
}

Sealing Sealer::refuse(Sealing why, std::string text) {
  tree_.reset();
  if (state_ != why)
    parts_.log.error("no checkpoint is signed: the archive does not continue what was published",
                     {{"state", std::string(name(why))}, {"why", text}, {"file", parts_.file}});
  trouble_ = std::move(text);
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

// Reads where the tree stands and holds it against what was published.
Sealing Sealer::load() {
  complete_.clear();
  const auto published = published_.last();
  if (!published) return wait(published.error());
  const auto size = parts_.store.size();
  if (!size) return wait(unanswered());
  const auto stored = parts_.store.last_checkpoint();
  if (!stored) return wait(unanswered());

  const auto outside = claim(*published);
  auto inside = claim(*stored ? (*stored)->note : "");
  // What was signed later outside makes up for a key that is not known any more.
  if (outside && !inside && *stored && (*stored)->size <= outside->size)
    inside = words((*stored)->note);
  if (!outside || !inside)
    return refuse(Sealing::foreign, "the last checkpoint in " +
                                        (outside ? "the archive" : parts_.file) +
                                        " is not this archive's, or not signed by its key");
  if (std::max(outside->size, inside->size) > *size)
    return refuse(Sealing::truncated,
                  "a checkpoint over " + std::to_string(std::max(outside->size, inside->size)) +
                      " events was signed, and the archive has " + std::to_string(*size));

  auto tree = tree_at(hashes_of(parts_.store), inside->size);
  if (!tree) return wait(unanswered());
  bool continues = tree->root() == inside->root;
  if (outside->size <= inside->size) {
    const auto then = tree_at(hashes_of(parts_.store), outside->size);
    if (!then) return wait(unanswered());
    continues = continues && then->root() == outside->root;
  }
  while (continues && tree->size() < *size) {
    const auto page = parts_.store.leaf_hashes(tree->size(), leaves_a_page);
    if (!page || page->empty()) return wait(unanswered());
    for (const auto& leaf : *page) {
      grow(*tree, leaf);
      if (tree->size() != outside->size) continue;
      continues = tree->root() == outside->root;
      // Published, and then the machine stopped before the archive had it.
      if (!continues) break;
      if (const auto kept = keep(*outside, *published); kept != Sealing::ready) return kept;
    }
  }
  if (!continues)
    return refuse(Sealing::inconsistent,
                  "its first events are not those that a checkpoint was signed over");
  if (outside->size < inside->size) {
    parts_.log.warn("the file of checkpoints lacks the last ones: the last is written again",
                    {{"file", parts_.file}, {"size", std::to_string(inside->size)}});
    if (const auto out = published_.append((*stored)->note); !out) return wait(out.error());
  }
  tree_ = std::move(tree);
  origin_ = (outside->size < inside->size ? inside : outside)->origin;
  sealed_ = std::max(outside->size, inside->size);
  return ready();
}

Sealing Sealer::keep(const CheckpointText& checkpoint, const std::string& note) {
  if (!parts_.store.add_checkpoint({checkpoint.size, checkpoint.root, parts_.clock.wall().us, note},
                                   complete_))
    return wait("the archive does not take a checkpoint: " + parts_.store.last_error());
  complete_.clear();
  return Sealing::ready;
}

Sealing Sealer::seal() {
  last_ = parts_.clock.monotonic();
  if (!tree_ && load() != Sealing::ready) return state_;
  if (tree_->size() == sealed_) return ready();
  return publish();
}

Sealing Sealer::publish() {
  const CheckpointText checkpoint{origin_, tree_->size(), tree_->root()};
  std::vector<const base::SigningKey*> keys{&parts_.key};
  if (parts_.before != nullptr) keys.push_back(parts_.before);
  const std::string note = sign_note(checkpoint.text(), parts_.origin, keys);
  if (const auto out = published_.append(note); !out) return wait(out.error());
  if (const auto kept = keep(checkpoint, note); kept != Sealing::ready) return kept;
  sealed_ = checkpoint.size;
  if (std::exchange(parts_.before, nullptr) != nullptr && parts_.rotated) parts_.rotated();
  return ready();
}

// From the leaves alone, with the subtrees that are not kept yet.
base::Result<CompactRange, std::string> Sealer::tree_of_all() {
  const auto size = parts_.store.size();
  if (!size) return base::fail(unanswered());
  const auto stored = parts_.store.last_checkpoint();
  if (!stored) return base::fail(unanswered());
  const std::int64_t kept = *stored ? (*stored)->size : 0;
  complete_.clear();
  CompactRange tree;
  while (tree.size() < *size) {
    const auto page = parts_.store.leaf_hashes(tree.size(), leaves_a_page);
    if (!page || page->empty()) return base::fail(unanswered());
    for (const auto& leaf : *page) {
      tree.append(leaf);
      if (tree.size() > kept) std::ranges::copy(tree.completed(), std::back_inserter(complete_));
    }
  }
  return tree;
}

base::Result<std::int64_t, std::string> Sealer::accept() {
  if (load() == Sealing::ready)
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
  auto tree = tree_of_all();
  if (!tree) return base::fail(tree.error());
  const int epoch = std::max(epoch_of(outside->origin), epoch_of(inside->origin)) + 1;
  origin_ = parts_.origin + "/" + std::to_string(epoch);
  tree_ = std::move(*tree);
  const CheckpointText checkpoint{origin_, tree_->size(), tree_->root()};
  const std::string note = sign_note(checkpoint.text(), parts_.origin, {&parts_.key});
  if (const auto out = published_.append(note); !out) return base::fail(out.error());
  // Where the archive has one over as many events, that one stays.
  if (*stored && (*stored)->size >= checkpoint.size) return checkpoint.size;
  if (keep(checkpoint, note) != Sealing::ready) return base::fail(trouble_);
  return checkpoint.size;
}

}  // namespace compliance
