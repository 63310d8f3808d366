// SPDX-License-Identifier: Apache-2.0
// Result<T, E>: a value or the reason there is none. Spelled like std::expected (C++23) so that it
// can be swapped for it. Business code returns these; exceptions stop at db::guard, at the C
// callbacks and in main.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

namespace base {

template <class E>
struct Failure {
  E error;
};

// fail(reason) converts to any Result whose error is made from `reason`.
template <class E>
[[nodiscard]] Failure<std::decay_t<E>> fail(E&& error) {
  return {std::forward<E>(error)};
}

template <class T, class E>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: like std::expected
  template <class G>
  Result(Failure<G> failure)  // NOLINT
      : state_(std::in_place_index<1>, std::move(failure.error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // value() and error() must only be called on the side that exists.
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  E& error() & { return std::get<1>(state_); }
  const E& error() const& { return std::get<1>(state_); }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  template <class G>
  Result(Failure<G> failure)  // NOLINT
      : state_(std::in_place_index<1>, std::move(failure.error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  E& error() & { return std::get<1>(state_); }
  const E& error() const& { return std::get<1>(state_); }

 private:
  std::variant<std::monostate, E> state_;
};

}  // namespace base
