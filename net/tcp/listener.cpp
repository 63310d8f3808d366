// SPDX-License-Identifier: Apache-2.0
#include "net/tcp/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <optional>

#include "base/check.h"
#include "net/resident.h"
#include "net/tcp/connection_impl.h"
#include "net/tcp/listen_socket.h"

namespace net {
namespace {

constexpr int accepts_per_iteration = 16;
constexpr base::Micros trouble_pause = base::milliseconds(100);

template <class T>
void set_option(int fd, int level, int name, T value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

void set_up(int fd) {
  constexpr PeerPatience patience;
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, patience.idle_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, patience.probe_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, patience.probes);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, patience.unacknowledged_ms);
}

// What the listener, its handle on the first shard and the accepted descriptors on their way share.
struct Shared {
  Shards& shards;
  Listener::Accept accept;
  std::atomic<bool> closed{false};
};

struct Accepted {
  Descriptor fd;
  std::string peer;
};

// On the shard the connection will live on.
void open_on(const std::shared_ptr<Shared>& shared, std::size_t shard, Accepted accepted) {
  if (shared->closed) return;
  auto connection =
      open_connection(shared->shards[shard], accepted.fd.release(), std::move(accepted.peer));
  if (connection) shared->accept(shard, std::move(connection));
}

// The listening descriptor on the first shard.
class Door final : public Resident {
 public:
  Door(std::shared_ptr<Shared> shared, Descriptor fd)
      : shared_(std::move(shared)), fd_(std::move(fd)), pause_(shared_->shards[0]) {
    auto* loop = static_cast<uv_loop_t*>(shared_->shards[0].native());
    CHECK(uv_poll_init(loop, &poll_, fd_.get()) == 0);
    moved_in();
    open_reserve();
    watch();
  }

 private:
  uv_handle_t* handle() override { return reinterpret_cast<uv_handle_t*>(&poll_); }
  void handle_closed() override { fd_ = {}; }

  void watch() {
    if (!handle_open()) return;
    uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* p, int, int) noexcept {
      static_cast<Door*>(of(reinterpret_cast<uv_handle_t*>(p)))->accept_some();
    });
  }

  void accept_some() {
    for (int i = 0; i < accepts_per_iteration && handle_open(); ++i) {
      auto accepted = accept_one();
      if (!accepted) return;
      if (accepted->fd.get() >= 0) hand_over(std::move(*accepted));
    }
  }

  // Nothing: no more for now. A negative descriptor: that one was lost, go on.
  std::optional<Accepted> accept_one() {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    Descriptor fd(::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&from), &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.get() >= 0) {
      set_up(fd.get());
      return Accepted{std::move(fd), address_text(from)};
    }
    switch (errno) {
      case EAGAIN:
        return std::nullopt;
      case EMFILE:
      case ENFILE:
        if (shed()) return Accepted{};
        break;
      case EINTR:
      case ECONNABORTED:
      case EPROTO:
      case EPERM:
        return Accepted{};
      default:
        break;
    }
    // Poll would call again at once and for ever.
    uv_poll_stop(&poll_);
    pause_.start(trouble_pause, [this] {
      open_reserve();
      watch();
    });
    return std::nullopt;
  }

  // No descriptor is left: the reserve makes room to take the waiting connection and end it, which
  // its peer understands, instead of leaving it waiting.
  bool shed() {
    if (reserve_.get() < 0) return false;
    reserve_ = {};
    Descriptor(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    open_reserve();
    return true;
  }

  void open_reserve() {
    if (reserve_.get() < 0) reserve_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }

  void hand_over(Accepted accepted) {
    const auto shard = next_++ % shared_->shards.size();
    if (shard == 0) {
      open_on(shared_, shard, std::move(accepted));
      return;
    }
    shared_->shards[shard].post(
        [shared = shared_, shard, accepted = std::move(accepted)]() mutable {
          open_on(shared, shard, std::move(accepted));
        });
  }

  std::shared_ptr<Shared> shared_;
  Descriptor fd_;
  Descriptor reserve_;
  Timer pause_;
  std::size_t next_ = 0;
  uv_poll_t poll_;
};

// Owns the door from the first shard's point of view: lives in that loop's tasks only.
struct DoorOwner {
  Door* door = nullptr;
  ~DoorOwner() { shut(); }
  void shut() {
    if (door != nullptr) std::exchange(door, nullptr)->leave();
  }
};

}  // namespace

struct Listener::Impl {
  std::shared_ptr<Shared> shared;
  std::shared_ptr<DoorOwner> owner;
  std::uint16_t port = 0;
};

base::Result<std::unique_ptr<Listener>, std::string> Listener::open(Shards& shards,
                                                                    const Endpoint& endpoint,
                                                                    Accept accept) {
  auto socket = listen_on(endpoint);
  if (!socket) return base::fail(socket.error());
  auto impl = std::make_unique<Impl>();
  impl->shared = std::make_shared<Shared>(shards, std::move(accept));
  impl->owner = std::make_shared<DoorOwner>();
  impl->port = local_port(socket->get());
  shards[0].post([shared = impl->shared, owner = impl->owner, fd = std::move(*socket)]() mutable {
    if (!shared->closed) owner->door = new Door(shared, std::move(fd));
  });
  return std::make_unique<Listener>(std::move(impl));
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() { close(); }

void Listener::close() {
  if (impl_->shared->closed.exchange(true)) return;
  impl_->shared->shards[0].post([owner = impl_->owner] { owner->shut(); });
}

std::uint16_t Listener::port() const { return impl_->port; }

}  // namespace net
