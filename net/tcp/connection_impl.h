// SPDX-License-Identifier: Apache-2.0
// For net/ only. Connection::Impl: the state of one connection on its loop.
//
//   open     reads are delivered, what is queued is flushed at the end of the iteration
//   closing  close() was called: flush, close_notify, FIN, wait for the peer's FIN; reads are
//            thrown away
//   closed   the handle is closing or gone; on_closed() is due or was made
//
// connection.cpp: life; connection_read.cpp, connection_write.cpp: the two directions;
// connection_move.cpp: detach and attach.
#pragma once

#include <uv.h>

#include <memory>
#include <string>
#include <string_view>

#include "net/loop/loop_core.h"
#include "net/resident.h"
#include "net/tcp/connection.h"
#include "net/tcp/send_queue.h"
#include "net/tls/tls_session.h"

namespace net {

// All that is not tied to a loop: this is what moves.
struct ConnectionState {
  SendQueue queue;
  std::unique_ptr<TlsSession> tls;
  std::string ready;       // bytes as the socket gets them, before anything in `queue`
  std::string unread;      // plaintext for the next reader
  std::string ciphertext;  // received, not yet decrypted
  std::string splice;
  std::string peer;
  ConnectionLimits limits;
  std::int64_t tokens = 0;  // millionths of a byte that may be read now
};

class Connection::Impl final : public Resident, public EndWork, public Ticked {
 public:
  // Takes fd, also when it fails; ok() tells.
  Impl(LoopCore& core, int fd, ConnectionState state);
  ~Impl() override = default;
  bool ok() const { return handle_open(); }
  bool open() const { return stage_ == Stage::open; }
  bool closed() const { return stage_ == Stage::closed; }
  bool closing() const { return stage_ != Stage::open; }

  void set_handler(Handler* handler);
  void set_limits(const ConnectionLimits& limits);
  template <class T>
  void send(const T& bytes) {
    if (!open()) return;
    state_.queue.push(bytes);
    has_work();
  }
  void start_tls(const TlsContext& context);
  void set_paused(bool paused);
  void unread(std::string_view bytes) {
    if (open()) state_.unread.append(bytes);
  }
  void close(base::Micros timeout);
  void finish(CloseReason reason);  // free everything, close the handle, on_closed later
  void forsake();                   // the owner is gone
  std::size_t queued_bytes() const;
  std::shared_ptr<Detached> detach();
  void taken_over() { has_work(); }  // after a move: there may be bytes to send
  ConnectionState& state() { return state_; }
  const ConnectionState& state() const { return state_; }

 private:
  enum class Stage : std::uint8_t { open, closing, closed };
  struct Write;

  uv_handle_t* handle() override { return reinterpret_cast<uv_handle_t*>(&tcp_); }
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp_); }
  void handle_closed() override;
  void loop_stops() override;
  void end_of_iteration() override;
  bool on_tick(base::Time now) override;
  void free_everything();
  void has_work() { core_.at_end_of_iteration(static_cast<EndWork&>(*this)); }
  int descriptor() const;

  // Reading.
  bool may_deliver() const { return open() && handler_ != nullptr && !paused_; }
  void resume();
  void update_reading();
  void lend_buffer(uv_buf_t* buffer);
  void on_socket(ssize_t n);
  void take_bytes(std::string_view bytes);
  void deliver(std::string_view bytes);
  void deliver_held_back();
  bool holds_back() const { return !state_.unread.empty() || !state_.ciphertext.empty(); }
  void decrypt(std::string_view bytes);
  bool decrypt_step();
  void peer_ended();
  void refill();
  void spend(std::size_t bytes);

  // Writing.
  enum class Left : std::uint8_t { nothing, more, blocked };
  void flush();
  Left write_ready();
  Left write_queue();
  Left encrypt_queue();
  std::size_t try_write(std::string_view bytes);  // what went; may finish()
  void write_later(std::string bytes);
  void written(Write& write, int status);
  void check_queue_limit();
  void go_on_closing();

  LoopCore& core_;
  Handler* handler_ = nullptr;
  ConnectionState state_;
  std::string_view decrypting_;  // the part of the read buffer not yet seen by TLS
  Write* pending_ = nullptr;     // uv_write under way: nothing else may be written
  base::Time filled_;            // of the token bucket
  base::Time over_since_;        // the queue is over its limit; 0 = it is not
  base::Time close_by_;          // end of the patience of close(); 0 = none
  Stage stage_ = Stage::open;
  CloseReason reason_ = CloseReason::by_us;
  bool paused_ = false;
  bool reading_ = false;
  bool throttled_ = false;
  bool ended_ = false;  // the peer sends no more; what is held back may still be undelivered
  bool fin_sent_ = false;
  bool notice_sent_ = false;  // close_notify
  bool callback_due_ = false;
  bool delivery_due_ = false;
  uv_tcp_t tcp_;
};

// What the socket did not take at once. Small: it only has to find out when the socket takes bytes
// again; the rest waits as references.
struct Connection::Impl::Write {
  static constexpr std::size_t plain_max = 4096;

  Write(Impl& c, std::string b) : connection(c), bytes(std::move(b)) { request.data = this; }

  Impl& connection;
  std::string bytes;
  uv_write_t request;
};

class Connection::Detached {
 public:
  Detached(int fd, ConnectionState state) : fd_(fd), state_(std::move(state)) {}
  ~Detached();
  Detached(const Detached&) = delete;
  Detached& operator=(const Detached&) = delete;

 private:
  friend class Connection;
  int fd_;
  ConnectionState state_;
};

// A connection over an accepted descriptor, which it takes. Null if it is of no use any more.
std::unique_ptr<Connection> open_connection(Loop& loop, int fd, std::string peer);

}  // namespace net
