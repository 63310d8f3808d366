// SPDX-License-Identifier: Apache-2.0
// Receipts: issues a receipt for each stanza of a session under stream management and collects the
// numbers of those that are done with, on whichever thread that happens. The session asks for them
// when it needs to know; only while it waits is its loop told. Thread-safe; shared with the
// receipts that are out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/receipt.h"
#include "net/loop/loop.h"

namespace bridge::c2s {

class Receipts : public std::enable_shared_from_this<Receipts> {
 public:
  // `told` runs on `loop`, once for each tell_me(); not after close().
  Receipts(net::Loop& loop, std::function<void()> told) : loop_(&loop), told_(std::move(told)) {}

  base::Receipt issue(std::uint64_t number) {
    return base::Receipt(std::make_shared<const Note>(shared_from_this(), number));
  }
  std::vector<std::uint64_t> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(settled_, {});
  }
  // At once if numbers wait to be taken.
  void tell_me() {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
    if (!settled_.empty()) tell();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  struct Note {
    Note(std::shared_ptr<Receipts> i, std::uint64_t n) : issuer(std::move(i)), number(n) {}
    ~Note() { issuer->settle(number); }
    Note(const Note&) = delete;
    Note& operator=(const Note&) = delete;
    const std::shared_ptr<Receipts> issuer;
    const std::uint64_t number;
  };

  void settle(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    if (loop_ == nullptr) return;
    settled_.push_back(number);
    if (wanted_) tell();
  }
  void tell() {
    wanted_ = false;
    if (loop_ != nullptr) loop_->post([told = told_] { told(); });
  }

  std::mutex mutex_;
  net::Loop* loop_;  // null: nobody asks any more
  const std::function<void()> told_;
  std::vector<std::uint64_t> settled_;
  bool wanted_ = false;
};

}  // namespace bridge::c2s
