// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "net/tcp/connection_impl.h"

namespace net {

// The descriptor moves as a duplicate: libuv gives one back only by closing it.
std::shared_ptr<Connection::Detached> Connection::Impl::detach() {
  const int fd = open() ? ::fcntl(descriptor(), F_DUPFD_CLOEXEC, 0) : -1;
  if (fd < 0) {
    if (open()) finish(CloseReason::reset);
    callback_due_ = false;
    return std::make_shared<Detached>(-1, ConnectionState{});
  }
  if (pending_ != nullptr) {
    // libuv cancels the write; it knows how much of it is still to be sent.
    const auto left = tcp_.write_queue_size;
    const auto& bytes = std::exchange(pending_, nullptr)->bytes;
    state_.ready.insert(0, bytes, bytes.size() - left, left);
  }
  if (!decrypting_.empty()) state_.ciphertext.assign(decrypting_);
  refill();
  const auto peer = state_.peer;
  auto moved = std::make_shared<Detached>(fd, std::move(state_));
  state_ = {};
  state_.peer = peer;
  stage_ = Stage::closed;
  handler_ = nullptr;
  EndWork::unlink();
  Ticked::unlink();
  close_handle();
  return moved;
}

Connection::Detached::~Detached() {
  if (fd_ >= 0) ::close(fd_);
}

std::shared_ptr<Connection::Detached> Connection::detach() { return impl_->detach(); }

std::unique_ptr<Connection> Connection::attach(Loop& loop, std::shared_ptr<Detached> detached,
                                               Handler* handler) {
  const int fd = std::exchange(detached->fd_, -1);
  if (fd < 0) return nullptr;
  auto* impl = new Impl(LoopCore::of(loop), fd, std::move(detached->state_));
  auto connection = std::make_unique<Connection>(impl);
  if (!impl->ok()) return nullptr;
  impl->taken_over();
  connection->set_handler(handler);
  return connection;
}

std::unique_ptr<Connection> open_connection(Loop& loop, int fd, std::string peer) {
  ConnectionState state;
  state.peer = std::move(peer);
  auto* impl = new Connection::Impl(LoopCore::of(loop), fd, std::move(state));
  auto connection = std::make_unique<Connection>(impl);
  return impl->ok() ? std::move(connection) : nullptr;
}

}  // namespace net
