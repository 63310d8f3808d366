// SPDX-License-Identifier: Apache-2.0
#include "net/tcp/connection.h"

#include <unistd.h>

#include "base/check.h"
#include "net/tcp/connection_impl.h"

namespace net {

Connection::Impl::Impl(LoopCore& core, int fd, ConnectionState state)
    : core_(core), state_(std::move(state)), filled_(core.now()) {
  CHECK(uv_tcp_init(&core.uv, &tcp_) == 0);
  moved_in();
  if (uv_tcp_open(&tcp_, fd) != 0) {
    ::close(fd);
    stage_ = Stage::closed;
    close_handle();
  }
}

void Connection::Impl::set_handler(Handler* handler) {
  handler_ = handler;
  resume();
}

void Connection::Impl::set_paused(bool paused) {
  paused_ = paused;
  resume();
}

void Connection::Impl::close(base::Micros timeout) {
  if (!open()) return;
  stage_ = Stage::closing;
  reason_ = CloseReason::by_us;
  close_by_ = core_.now() + timeout;
  state_.unread = {};
  state_.ciphertext = {};
  update_reading();
  core_.want_ticks(*this);
  has_work();
}

void Connection::Impl::finish(CloseReason reason) {
  if (closed()) return;
  stage_ = Stage::closed;
  reason_ = reason;
  free_everything();
  close_handle();
  callback_due_ = true;
  has_work();
}

void Connection::Impl::free_everything() {
  auto peer = std::move(state_.peer);
  state_ = {};
  state_.peer = std::move(peer);
}

// The owner destroys us, perhaps in one of our own callbacks: nobody is called any more, and memory
// goes when libuv has closed the handle.
void Connection::Impl::forsake() {
  handler_ = nullptr;
  stage_ = Stage::closed;
  callback_due_ = false;
  free_everything();
  EndWork::unlink();
  Ticked::unlink();
  leave();
}

void Connection::Impl::handle_closed() { Ticked::unlink(); }

void Connection::Impl::loop_stops() {
  stage_ = Stage::closed;
  callback_due_ = false;
  handler_ = nullptr;
  free_everything();
  EndWork::unlink();
  close_handle();
}

void Connection::Impl::end_of_iteration() {
  if (closed()) {
    if (!std::exchange(callback_due_, false) || handler_ == nullptr) return;
    handler_->on_closed(reason_);
    return;
  }
  if (std::exchange(delivery_due_, false)) deliver_held_back();
  if (!closed()) flush();
}

bool Connection::Impl::on_tick(base::Time now) {
  if (closed()) return false;
  if (closing() && now >= close_by_) {
    finish(reason_);
    return false;
  }
  if (open() && over_since_.us != 0 && now - over_since_ >= state_.limits.send_grace) {
    finish(CloseReason::slow_reader);
    return false;
  }
  if (throttled_) {
    refill();
    update_reading();
  }
  return closing() || over_since_.us != 0 || throttled_;
}

Connection::Connection(Impl* impl) : impl_(impl) {}
Connection::~Connection() { impl_->forsake(); }

void Connection::set_handler(Handler* handler) { impl_->set_handler(handler); }
void Connection::set_limits(const ConnectionLimits& limits) { impl_->set_limits(limits); }
void Connection::send(std::string_view bytes) { impl_->send(bytes); }
void Connection::send(const base::Payload& payload) { impl_->send(payload); }
void Connection::set_splice(std::string text) { impl_->state().splice = std::move(text); }

void Connection::start_tls(std::shared_ptr<const TlsContext> context) {
  impl_->start_tls(*context);
}

bool Connection::encrypted() const {
  const auto& tls = impl_->state().tls;
  return tls && tls->established();
}

std::string_view Connection::tls_version() const {
  const auto& tls = impl_->state().tls;
  return tls ? tls->version() : std::string_view{};
}

std::string Connection::tls_exporter() const {
  const auto& tls = impl_->state().tls;
  return tls ? tls->exporter() : std::string{};
}

void Connection::pause_reading() { impl_->set_paused(true); }
void Connection::resume_reading() { impl_->set_paused(false); }
void Connection::unread(std::string_view bytes) { impl_->unread(bytes); }
void Connection::close(base::Micros timeout) { impl_->close(timeout); }
void Connection::abort() { impl_->finish(CloseReason::by_us); }
bool Connection::closing() const { return impl_->closing(); }
std::size_t Connection::queued_bytes() const { return impl_->queued_bytes(); }
const std::string& Connection::peer_address() const { return impl_->state().peer; }

}  // namespace net
