// SPDX-License-Identifier: Apache-2.0
// For net/ only. SendQueue: what one connection still has to send, as references to shared payloads
// (24 bytes each) and strings of its own. Chunks are freed as they empty; an empty queue holds
// nothing. A million entries cost no more per entry than ten.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/payload.h"

namespace net {

class SendQueue {
 public:
  SendQueue() = default;
  ~SendQueue() { clear(); }
  SendQueue(SendQueue&& other) noexcept { swap(other); }
  SendQueue& operator=(SendQueue&& other) noexcept {
    clear();
    swap(other);
    return *this;
  }
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  void push(const base::Payload& payload);
  void push(std::string_view bytes);  // small ones in a row grow one string

  bool empty() const { return head_ == nullptr; }
  // The bytes to come, every hole filled with `splice`.
  std::size_t size(std::string_view splice) const {
    return bytes_ + spliced_ * splice.size() - offset_;
  }
  // Copies from the front without removing; less than `room` only when it is all.
  std::size_t copy_out(char* to, std::size_t room, std::string_view splice) const;
  // Removes n bytes from the front; n is at most size().
  void consume(std::size_t n, std::string_view splice);
  void clear();

 private:
  struct Entry {
    std::shared_ptr<const std::string> bytes;
    std::uint32_t splice_at = base::Payload::no_splice;

    bool spliced() const { return splice_at != base::Payload::no_splice; }
    std::size_t size(std::string_view splice) const {
      return bytes->size() + (spliced() ? splice.size() : 0);
    }
    std::size_t copy(std::size_t from, char* to, std::size_t room, std::string_view splice) const;
  };
  struct Chunk {
    std::unique_ptr<Chunk> next;
    std::uint16_t begin = 0;
    std::uint16_t end = 0;
    std::array<Entry, 20> entries;
  };
  void swap(SendQueue& other) noexcept;
  void push_entry(Entry entry);
  void pop_entry();

  std::unique_ptr<Chunk> head_;
  Chunk* tail_ = nullptr;
  std::string* growing_ = nullptr;  // the last entry, while it is a string of ours
  std::size_t bytes_ = 0;           // of all entries, without splices
  std::size_t spliced_ = 0;         // entries with a hole
  std::size_t offset_ = 0;          // of the first entry, already gone
};

}  // namespace net
