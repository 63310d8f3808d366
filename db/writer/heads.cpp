// SPDX-License-Identifier: Apache-2.0
#include "db/writer/heads.h"

#include "db/parts_text.h"

namespace db {
namespace {

constexpr std::size_t known_max = 100000;

std::string text(const base::Sha256& hash) { return base::hex(base::as_chars(hash)); }

// A head that cannot be read is no head of ours: comparing it fails, which fences.
base::Sha256 digest(const std::string& hex) {
  return digest_from_hex(hex).value_or(base::Sha256{0xff});
}

}  // namespace

std::optional<Head> RoomHeads::get(std::int64_t room_id) {
  if (const auto at = pending_.find(room_id); at != pending_.end()) return at->second.now;
  if (const auto at = known_.find(room_id); at != known_.end()) return at->second;
  read_.row.room_id = room_id;
  if (!read_.one()) return std::nullopt;
  if (known_.size() >= known_max) known_.clear();
  return known_.emplace(room_id, Head{read_.row.number, digest(read_.row.hash)}).first->second;
}

void RoomHeads::set(std::int64_t room_id, Head head) {
  const auto before = get(room_id);
  const auto [at, fresh] = pending_.try_emplace(room_id, Pending{before, head});
  undo_.emplace_back(room_id, fresh ? std::nullopt : std::optional(at->second));
  at->second.now = head;
}

void RoomHeads::back_to_mark() {
  for (; !undo_.empty(); undo_.pop_back()) {
    auto& [room_id, before] = undo_.back();
    if (before)
      pending_[room_id] = *before;
    else
      pending_.erase(room_id);
  }
}

std::vector<std::int64_t> RoomHeads::store() {
  std::vector<std::int64_t> fenced;
  long long moves = 0;
  for (const auto& [room_id, head] : pending_) {
    bool stored = true;
    if (head.before) {
      stored = move(room_id, *head.before, head.now);
      ++moves;
    } else {
      insert_.row.room_id = room_id;
      insert_.row.number = head.now.number;
      insert_.row.hash = text(head.now.hash);
      stored = insert_.run() == 1;
    }
    if (!stored) fenced.push_back(room_id);
  }
  if (!move_.gathers() || moves == 0 || move_.flush() == moves) return fenced;
  for (const auto& [room_id, head] : pending_) {
    if (!head.before) continue;
    read_.row.room_id = room_id;
    if (!read_.one() || !(head.now == Head{read_.row.number, digest(read_.row.hash)}))
      fenced.push_back(room_id);
  }
  return fenced;
}

// True if it was, or if that is known at the flush.
bool RoomHeads::move(std::int64_t room_id, const Head& before, const Head& now) {
  auto& row = move_.row;
  row.room_id = room_id;
  row.number = now.number;
  row.hash = text(now.hash);
  row.old_number = before.number;
  row.old_hash = text(before.hash);
  return move_.run() != 0;
}

void RoomHeads::committed() {
  for (const auto& [room_id, head] : pending_) known_[room_id] = head.now;
  pending_.clear();
  undo_.clear();
}

void RoomHeads::rolled_back() {
  pending_.clear();
  undo_.clear();
}

std::optional<Head> SourceHeadRow::read() {
  if (!read_.one()) return std::nullopt;
  return Head{read_.row.sn, digest(read_.row.hash)};
}

bool SourceHeadRow::compare_and_set(const Head& before, const Head& now) {
  auto& row = move_.row;
  row.sn = now.number;
  row.hash = text(now.hash);
  row.old_sn = before.number;
  row.old_hash = text(before.hash);
  return move_.run() == 1;
}

}  // namespace db
