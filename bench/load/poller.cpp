// SPDX-License-Identifier: Apache-2.0
#include "bench/load/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "bench/failed.h"

namespace bench {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) fail_errno("epoll_create1");
}

Poller::~Poller() { ::close(epoll_); }

void Poller::add(int fd, Handler& handler) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.ptr = &handler}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail_errno("epoll_ctl");
}

void Poller::watch(int fd, Handler& handler, bool writing) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &handler}};
  if (writing) event.events |= EPOLLOUT;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0) fail_errno("epoll_ctl");
}

void Poller::remove(int fd) { epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

void Poller::handle_batch(Clock::time_point until) {
  const auto left = std::max(Clock::duration::zero(), until - Clock::now());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec wait{.tv_sec = seconds.count(),
                      .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
  std::array<epoll_event, 512> events;
  const int n = epoll_pwait2(epoll_, events.data(), events.size(), &wait, nullptr);
  if (n < 0 && errno != EINTR) fail_errno("epoll_pwait2");
  for (int i = 0; i < n; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    static_cast<Handler*>(event.data.ptr)->on_ready(event.events);
  }
}

bool Poller::run(const std::function<bool()>& done, Clock::time_point deadline,
                 const std::function<Clock::time_point()>& wake) {
  while (!done()) {
    const auto now = Clock::now();
    if (now >= deadline) return false;
    if (now >= give_up_) throw Failed("the time for the whole run is over (--max-seconds)");
    const auto end = std::min(deadline, give_up_);
    handle_batch(wake ? std::min(wake(), end) : end);
  }
  return true;
}

void Poller::run_for(std::chrono::milliseconds time) {
  run([] { return false; }, Clock::now() + time);
}

}  // namespace bench
