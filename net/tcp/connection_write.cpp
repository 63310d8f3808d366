// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <algorithm>

#include "net/tcp/connection_impl.h"

namespace net {

void Connection::Impl::flush() {
  auto left = pending_ == nullptr ? write_ready() : Left::blocked;
  if (left == Left::nothing) left = state_.tls ? encrypt_queue() : write_queue();
  if (closed()) return;
  if (left == Left::more) {
    has_work();  // at the end of the line
  } else if (left == Left::nothing && closing()) {
    go_on_closing();
  } else if (ended_ && reason_ != CloseReason::by_us) {
    finish(reason_);  // the peer left and does not read either
  }
  if (!closed()) check_queue_limit();
}

Connection::Impl::Left Connection::Impl::write_ready() {
  if (state_.ready.empty()) return Left::nothing;
  const auto went = try_write(state_.ready);
  if (closed()) return Left::blocked;
  auto rest = std::exchange(state_.ready, {});
  if (went == rest.size()) return Left::nothing;
  write_later(rest.substr(went));
  return Left::blocked;
}

Connection::Impl::Left Connection::Impl::write_queue() {
  if (state_.queue.empty()) return Left::nothing;
  auto& scratch = core_.scratch;
  const auto n = state_.queue.copy_out(scratch.data(), scratch.size(), state_.splice);
  const auto went = try_write({scratch.data(), n});
  if (closed()) return Left::blocked;
  if (went == n) {
    state_.queue.consume(n, state_.splice);
    return state_.queue.empty() ? Left::nothing : Left::more;
  }
  const auto later = std::min(n - went, Write::plain_max);
  state_.queue.consume(went + later, state_.splice);
  write_later(std::string(scratch.data() + went, later));
  return Left::blocked;
}

// Here `ready` is empty.
Connection::Impl::Left Connection::Impl::encrypt_queue() {
  if (state_.queue.empty()) return Left::nothing;
  // In the middle of a handshake nothing may be sent; who closes then does not wait for its end.
  if (!state_.tls->established()) return closing() ? Left::nothing : Left::blocked;
  auto& scratch = core_.scratch;
  auto& sealed = core_.ciphertext;
  sealed.clear();
  const auto n = state_.queue.copy_out(scratch.data(), scratch.size(), state_.splice);
  const auto outcome = state_.tls->write({scratch.data(), n}, sealed);
  if (outcome != TlsSession::Outcome::bytes) {
    state_.ready.append(sealed);
    if (outcome != TlsSession::Outcome::needs_input) finish(CloseReason::tls_failed);
    return Left::blocked;
  }
  state_.queue.consume(n, state_.splice);
  const auto went = try_write(sealed);
  if (closed()) return Left::blocked;
  if (went < sealed.size()) {
    write_later(sealed.substr(went));
    return Left::blocked;
  }
  return state_.queue.empty() ? Left::nothing : Left::more;
}

std::size_t Connection::Impl::try_write(std::string_view bytes) {
  auto buffer = uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
  core_.writes.fetch_add(1, std::memory_order_relaxed);
  const int result = uv_try_write(stream(), &buffer, 1);
  if (result >= 0) return static_cast<std::size_t>(result);
  if (result != UV_EAGAIN) finish(closing() ? reason_ : CloseReason::reset);
  return 0;
}

void Connection::Impl::write_later(std::string bytes) {
  pending_ = new Write(*this, std::move(bytes));
  auto buffer = uv_buf_init(pending_->bytes.data(), static_cast<unsigned>(pending_->bytes.size()));
  const auto done = [](uv_write_t* request, int status) noexcept {
    const std::unique_ptr<Write> write(static_cast<Write*>(request->data));
    write->connection.written(*write, status);
  };
  if (uv_write(&pending_->request, stream(), &buffer, 1, done) != 0) {
    delete std::exchange(pending_, nullptr);
    finish(CloseReason::reset);
  }
}

void Connection::Impl::written(Write& write, int status) {
  if (pending_ != &write) return;  // cancelled by finish() or detach()
  pending_ = nullptr;
  if (closed()) return;
  if (status != 0) {
    finish(closing() ? reason_ : CloseReason::reset);
    return;
  }
  has_work();
}

std::size_t Connection::Impl::queued_bytes() const {
  if (closed()) return 0;
  return state_.queue.size(state_.splice) + state_.ready.size() +
         (pending_ != nullptr ? tcp_.write_queue_size : 0);
}

void Connection::Impl::check_queue_limit() {
  if (queued_bytes() <= state_.limits.send_queue_bytes) {
    over_since_ = {};
    return;
  }
  if (over_since_.us != 0) return;
  over_since_ = core_.now();
  core_.want_ticks(*this);
}

// All that was queued has left: say goodbye in TLS, then in TCP, then wait for the peer's answer.
void Connection::Impl::go_on_closing() {
  if (state_.tls && !std::exchange(notice_sent_, true)) {
    state_.tls->shut_down(state_.ready);
    if (write_ready() != Left::nothing) return;
  }
  if (!std::exchange(fin_sent_, true)) ::shutdown(descriptor(), SHUT_WR);
  if (ended_) finish(reason_);
}

int Connection::Impl::descriptor() const {
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<const uv_handle_t*>(&tcp_), &fd);
  return fd;
}

}  // namespace net
