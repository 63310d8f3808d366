// SPDX-License-Identifier: Apache-2.0
// Connection: one TCP connection, plain or TLS, owned by the stream above it. All that is sent
// within one loop iteration leaves in one write. All calls on the loop's thread.
//
// Life:  made by Listener or attach() → read and send → close() or abort(), or the peer ends it →
//        on_closed() once. Destroying it aborts silently: no callback comes afterwards. A loop that
//        stops ends its connections silently too; the objects may outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/payload.h"
#include "net/loop/loop.h"
#include "net/tls/tls.h"

namespace net {

struct ConnectionLimits {
  std::size_t send_queue_bytes = 1048576;  // LIM-OUTQ; above it for `send_grace`: on_closed
  base::Micros send_grace = base::seconds(10);
  std::size_t bytes_per_second = 0;  // LIM-RATE for reading; 0 = unlimited
  std::size_t burst_bytes = 0;
};

enum class CloseReason { by_peer, by_us, reset, tls_failed, slow_reader };

class Connection {
 public:
  class Handler {
   public:
    // The bytes are only valid during the call. The handler may call close(), abort(),
    // pause_reading(), start_tls() and send() but must not destroy the connection: retire it with
    // Loop::post.
    virtual void on_read(std::string_view bytes) = 0;
    virtual void on_tls_established() {}
    // Last callback. Nothing was or will be sent any more.
    virtual void on_closed(CloseReason reason) = 0;

   protected:
    ~Handler() = default;
  };

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void set_handler(Handler* handler);  // before the first read is due; null pauses delivery
  void set_limits(const ConnectionLimits& limits);

  void send(std::string_view bytes);  // copied
  // Shared bytes; the hole gets the current splice text. The text is looked up when the bytes
  // leave, so set it once, before the first payload.
  void send(const base::Payload& payload);
  void set_splice(std::string text);

  // Server side. Plaintext still unread is thrown away; what was sent before goes out in plain.
  void start_tls(std::shared_ptr<const TlsContext> context);
  bool encrypted() const;
  std::string_view tls_version() const;  // "TLSv1.3", "" in plain
  // RFC 9266 tls-exporter channel binding (32 bytes), "" if not TLS 1.3.
  std::string tls_exporter() const;

  void pause_reading();
  void resume_reading();
  // Bytes that came with earlier ones but belong to whoever reads next (after a move, a pause):
  // delivered first by the next resume or attach.
  void unread(std::string_view bytes);

  // Flushes what is queued, ends TLS properly, shuts down; at the latest after `timeout` the socket
  // is closed hard. on_closed(by_us).
  void close(base::Micros timeout = base::seconds(5));
  void abort();  // at once; on_closed(by_us) at the end of the iteration
  bool closing() const;

  std::size_t queued_bytes() const;
  const std::string& peer_address() const;  // "127.0.0.1", without port

  // Moving to another loop: detach() takes everything (descriptor, TLS object, unread and unsent
  // bytes, splice, limits) and leaves this object closed without a callback. The result may cross
  // threads and is attached there; dropping it closes the connection.
  class Detached;
  std::shared_ptr<Detached> detach();
  // `handler` may get on_read from within the next iteration. Null if the descriptor is gone.
  static std::unique_ptr<Connection> attach(Loop& loop, std::shared_ptr<Detached> detached,
                                            Handler* handler);

  class Impl;  // for net/ only
  explicit Connection(Impl* impl);

 private:
  Impl* impl_;  // freed when libuv has closed its handle
};

}  // namespace net
