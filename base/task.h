// SPDX-License-Identifier: Apache-2.0
// Task: a move-only `void()` callable (std::move_only_function is C++23). What goes through a
// mailbox or to a worker.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace base {

class Task {
 public:
  Task() = default;
  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, Task>>>
  Task(F&& f)  // NOLINT: a lambda is a Task
      : body_(std::make_unique<Model<std::decay_t<F>>>(std::forward<F>(f))) {}

  explicit operator bool() const noexcept { return body_ != nullptr; }
  void operator()() { body_->run(); }

 private:
  struct Body {
    virtual ~Body() = default;
    virtual void run() = 0;
  };
  template <class F>
  struct Model final : Body {
    explicit Model(F f) : f_(std::move(f)) {}
    void run() override { f_(); }
    F f_;
  };
  std::unique_ptr<Body> body_;
};

}  // namespace base
