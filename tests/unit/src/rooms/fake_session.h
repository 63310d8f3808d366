// SPDX-License-Identifier: Apache-2.0
// A bound session that keeps what it is sent, as its client would see it. Touched on its shard's
// thread; taking what came is for any thread.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/session.h"
#include "tests/unit/src/rooms/fakes.h"
#include "xmpp/writer.h"

namespace tests {

class FakeSession final : public bridge::Session {
 public:
  explicit FakeSession(const std::string& jid) : Session(*xmpp::Jid::parse(jid), jid) {}

  bool open() const override {
    const std::lock_guard lock(mutex_);
    return !ended_;
  }
  void send(const base::Payload& payload) override {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    got_.push_back(describe(payload));
    std::string text = *payload.bytes;
    if (payload.splice_at != base::Payload::no_splice)
      text.insert(payload.splice_at, xmpp::splice_to(jid().str()));
    bytes_.push_back(std::move(text));
    buffers_.push_back(payload.bytes);
  }
  void send(const xmpp::Element& stanza) override { send(xmpp::to_payload(stanza, stanza.ns())); }
  void end(xmpp::StreamError error) override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = error.condition;
    }
    if (on_end) on_end();
  }

  std::function<void()> on_end;  // set before it is shared

  std::vector<std::string> got() const {
    const std::lock_guard lock(mutex_);
    return got_;
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    bytes_.clear();
    buffers_.clear();
    return std::exchange(got_, {});
  }
  bool has(const std::string& text) const { return joined(got()).find(text) != std::string::npos; }
  std::string last_bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_.empty() ? "" : bytes_.back();
  }
  std::shared_ptr<const std::string> last_buffer() const {
    const std::lock_guard lock(mutex_);
    return buffers_.empty() ? nullptr : buffers_.back();
  }
  std::optional<xmpp::StreamCondition> ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> got_, bytes_;
  std::vector<std::shared_ptr<const std::string>> buffers_;
  std::optional<xmpp::StreamCondition> ended_;
};

}  // namespace tests
