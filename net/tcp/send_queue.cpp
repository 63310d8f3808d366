// SPDX-License-Identifier: Apache-2.0
#include "net/tcp/send_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace net {
namespace {

constexpr std::size_t growing_max = 16384;

}  // namespace

void SendQueue::swap(SendQueue& other) noexcept {
  std::swap(head_, other.head_);
  std::swap(tail_, other.tail_);
  std::swap(growing_, other.growing_);
  std::swap(bytes_, other.bytes_);
  std::swap(spliced_, other.spliced_);
  std::swap(offset_, other.offset_);
}

void SendQueue::push(const base::Payload& payload) {
  if (payload.size() == 0) return;
  CHECK(payload.splice_at == base::Payload::no_splice || payload.splice_at <= payload.size());
  growing_ = nullptr;
  push_entry({payload.bytes, payload.splice_at});
}

void SendQueue::push(std::string_view bytes) {
  if (bytes.empty()) return;
  if (growing_ != nullptr && growing_->size() + bytes.size() <= growing_max) {
    growing_->append(bytes);
    bytes_ += bytes.size();
    return;
  }
  auto own = std::make_shared<std::string>(bytes);
  growing_ = own.get();
  push_entry({std::move(own), base::Payload::no_splice});
}

void SendQueue::push_entry(Entry entry) {
  bytes_ += entry.bytes->size();
  if (entry.spliced()) ++spliced_;
  if (tail_ == nullptr) {
    head_ = std::make_unique<Chunk>();
    tail_ = head_.get();
  } else if (tail_->end == tail_->entries.size()) {
    tail_->next = std::make_unique<Chunk>();
    tail_ = tail_->next.get();
  }
  tail_->entries[tail_->end++] = std::move(entry);
}

// The bytes of the piece [begin, end) of the whole that lie behind `from`.
std::size_t SendQueue::Entry::copy(std::size_t from, char* to, std::size_t room,
                                   std::string_view splice) const {
  std::size_t copied = 0;
  const auto piece = [&](std::string_view part) {
    const auto skip = std::min(from, part.size());
    from -= skip;
    const auto n = std::min(part.size() - skip, room - copied);
    std::memcpy(to + copied, part.data() + skip, n);
    copied += n;
  };
  const std::string_view whole = *bytes;
  if (!spliced()) {
    piece(whole);
    return copied;
  }
  piece(whole.substr(0, splice_at));
  if (copied < room) piece(splice);
  if (copied < room) piece(whole.substr(splice_at));
  return copied;
}

std::size_t SendQueue::copy_out(char* to, std::size_t room, std::string_view splice) const {
  std::size_t copied = 0;
  std::size_t from = offset_;
  for (const Chunk* chunk = head_.get(); chunk != nullptr; chunk = chunk->next.get()) {
    for (std::size_t i = chunk->begin; i < chunk->end; ++i) {
      copied += chunk->entries[i].copy(from, to + copied, room - copied, splice);
      from = 0;
      if (copied == room) return copied;
    }
  }
  return copied;
}

void SendQueue::consume(std::size_t n, std::string_view splice) {
  offset_ += n;
  while (head_ != nullptr) {
    const auto first = head_->entries[head_->begin].size(splice);
    if (offset_ < first) return;
    offset_ -= first;
    pop_entry();
  }
}

void SendQueue::pop_entry() {
  auto& entry = head_->entries[head_->begin++];
  bytes_ -= entry.bytes->size();
  if (entry.spliced()) --spliced_;
  entry.bytes.reset();
  if (head_->begin < head_->end) return;
  auto next = std::move(head_->next);
  head_ = std::move(next);
  if (head_ != nullptr) return;
  tail_ = nullptr;
  growing_ = nullptr;
}

// Chunk by chunk: a million of them must not be a million calls deep.
void SendQueue::clear() {
  while (head_ != nullptr) {
    auto next = std::move(head_->next);
    head_ = std::move(next);
  }
  tail_ = nullptr;
  growing_ = nullptr;
  bytes_ = spliced_ = offset_ = 0;
}

}  // namespace net
