// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/check.h"
#include "net/tcp/connection_impl.h"

namespace net {
namespace {

constexpr std::int64_t one_byte = 1'000'000;  // tokens

}  // namespace

// Reading may have become possible: what was held back comes first.
void Connection::Impl::resume() {
  update_reading();
  if (!may_deliver() || (state_.unread.empty() && !state_.tls)) return;
  delivery_due_ = true;
  has_work();
}

// Makes libuv read exactly while somebody may get the bytes.
void Connection::Impl::update_reading() {
  if (closed()) return;
  const bool wanted = !ended_ && !throttled_ && (closing() || may_deliver());
  if (wanted == reading_) return;
  reading_ = wanted;
  if (!wanted) {
    uv_read_stop(stream());
    return;
  }
  const int result = uv_read_start(
      stream(),
      [](uv_handle_t* h, size_t, uv_buf_t* buffer) noexcept {
        static_cast<Impl*>(of(h))->lend_buffer(buffer);
      },
      [](uv_stream_t* s, ssize_t n, const uv_buf_t*) noexcept {
        static_cast<Impl*>(of(reinterpret_cast<uv_handle_t*>(s)))->on_socket(n);
      });
  if (result != 0) finish(CloseReason::reset);
}

// Never more than the bucket holds: so the limit is exact.
void Connection::Impl::lend_buffer(uv_buf_t* buffer) {
  auto room = core_.read_buffer.size();
  if (state_.limits.bytes_per_second != 0) {
    refill();
    room = std::min(room, static_cast<std::size_t>(std::max(one_byte, state_.tokens) / one_byte));
  }
  *buffer = uv_buf_init(core_.read_buffer.data(), static_cast<unsigned>(room));
}

void Connection::Impl::on_socket(ssize_t n) {
  if (n == 0 || closed()) return;
  if (n == UV_EOF) {
    ended_ = true;
    update_reading();
    if (!holds_back()) peer_ended();  // else that comes first
    return;
  }
  if (n < 0) {
    finish(closing() ? reason_ : CloseReason::reset);
    return;
  }
  core_.reads.fetch_add(1, std::memory_order_relaxed);
  const auto size = static_cast<std::size_t>(n);
  spend(size);
  take_bytes({core_.read_buffer.data(), size});
}

void Connection::Impl::take_bytes(std::string_view bytes) {
  if (closing()) return;  // nobody is interested any more; only the end is awaited
  if (state_.tls) {
    decrypt(bytes);
  } else if (may_deliver()) {
    deliver(bytes);
  } else {
    state_.unread.append(bytes);
  }
}

void Connection::Impl::deliver(std::string_view bytes) {
  if (state_.unread.empty()) {
    handler_->on_read(bytes);
    return;
  }
  auto joined = std::exchange(state_.unread, {});
  joined.append(bytes);
  handler_->on_read(joined);
}

void Connection::Impl::deliver_held_back() {
  if (may_deliver() && !state_.unread.empty()) deliver({});
  if (may_deliver() && state_.tls) decrypt({});
  if (ended_ && open() && !holds_back()) peer_ended();
}

void Connection::Impl::decrypt(std::string_view bytes) {
  std::string held = std::exchange(state_.ciphertext, {});
  if (held.empty()) {
    decrypting_ = bytes;
  } else {
    held.append(bytes);
    decrypting_ = held;
  }
  while (may_deliver() && decrypt_step()) {
  }
  if (open() && !decrypting_.empty()) state_.ciphertext.assign(decrypting_);
  decrypting_ = {};
  if (!closed() && !state_.ready.empty()) has_work();
}

// True while there may be more. The handler may close, abort or detach us meanwhile.
bool Connection::Impl::decrypt_step() {
  auto& plaintext = core_.plaintext;
  const auto step = state_.tls->read(decrypting_, plaintext, state_.ready);
  switch (step.outcome) {
    case TlsSession::Outcome::bytes:
      deliver({plaintext.data(), step.bytes});
      return true;
    case TlsSession::Outcome::established:
      has_work();  // what was sent during the handshake
      handler_->on_tls_established();
      return true;
    case TlsSession::Outcome::closed:
      peer_ended();
      return false;
    case TlsSession::Outcome::failed:
      write_ready();  // the alert, if it fits
      finish(CloseReason::tls_failed);
      return false;
    case TlsSession::Outcome::needs_input:
      break;
  }
  return false;
}

void Connection::Impl::peer_ended() {
  ended_ = true;
  update_reading();
  if (open()) {
    stage_ = Stage::closing;
    reason_ =
        state_.tls && !state_.tls->established() ? CloseReason::tls_failed : CloseReason::by_peer;
    close_by_ = core_.now();  // one flush, no waiting
    state_.unread = {};
    core_.want_ticks(*this);
  }
  has_work();
}

void Connection::Impl::start_tls(const TlsContext& context) {
  if (!open()) return;
  CHECK(!state_.tls);
  state_.unread = {};
  // What was sent before is plain: make it bytes now, TLS follows behind them.
  const auto before = state_.ready.size();
  const auto plain = state_.queue.size(state_.splice);
  state_.ready.resize(before + plain);
  state_.queue.copy_out(state_.ready.data() + before, plain, state_.splice);
  state_.queue.clear();
  state_.tls = TlsSession::accept(context);
  if (!state_.tls) {
    finish(CloseReason::tls_failed);
    return;
  }
  has_work();
}

void Connection::Impl::set_limits(const ConnectionLimits& limits) {
  if (closed()) return;
  state_.limits = limits;
  auto& burst = state_.limits.burst_bytes;
  if (burst == 0) burst = limits.bytes_per_second;
  state_.tokens = static_cast<std::int64_t>(burst) * one_byte;
  filled_ = core_.now();
  throttled_ = false;
  update_reading();
  has_work();
}

void Connection::Impl::refill() {
  const auto rate = static_cast<std::int64_t>(state_.limits.bytes_per_second);
  const auto full = static_cast<std::int64_t>(state_.limits.burst_bytes) * one_byte;
  const auto passed = core_.now() - filled_;
  filled_ = core_.now();
  const bool enough = rate == 0 || passed >= full / rate + 1;
  state_.tokens = enough ? full : std::min(full, state_.tokens + passed * rate);
  throttled_ = rate != 0 && state_.tokens < one_byte;
}

void Connection::Impl::spend(std::size_t bytes) {
  if (state_.limits.bytes_per_second == 0) return;
  state_.tokens -= static_cast<std::int64_t>(bytes) * one_byte;
  if (state_.tokens >= one_byte) return;
  throttled_ = true;
  update_reading();
  core_.want_ticks(*this);
}

}  // namespace net
