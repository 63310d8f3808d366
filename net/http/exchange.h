// SPDX-License-Identifier: Apache-2.0
// For net/http only. Exchange: one connection and the requests on it, one after the other. One
// request is answered in each iteration of the loop, so that many on one connection do not keep
// clients of the shard waiting; while answers are not taken, no more requests are read.
//
//   idle ──(a byte)──► request ──(its head is whole)──► answered ──► idle, or closing
//   idle, request ──(time over)──► closing             request ──(malformed, too long)──► closing
#pragma once

#include <memory>
#include <string>

#include "net/http/request.h"
#include "net/http/server.h"

namespace net::http {

// What an exchange finds on its shard.
class Place {
 public:
  virtual ~Place() = default;
  virtual Loop& loop() = 0;
  virtual const Limits& limits() const = 0;
  virtual base::Time wall() const = 0;
  virtual Response answer(const Request& request) = 0;
  virtual void refused() = 0;
  virtual void retire(class Exchange& exchange) = 0;  // destroyed soon, never within this call
};

class Exchange final : public Connection::Handler, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Place& place, std::unique_ptr<Connection> connection);
  void begin();
  void sweep(base::Time now);  // looks for time that is over, and goes on where it had to wait

 private:
  void on_read(std::string_view bytes) override;
  void on_closed(CloseReason reason) override;
  void work();
  void work_later();
  void answer(const std::string& head);
  void give_up(int status);
  void send(const Response& response, Body body, After after);

  Place& place_;
  std::unique_ptr<Connection> connection_;
  HeadReader reader_;
  std::string unread_;
  base::Time deadline_;
  bool due_ = false;      // work() is posted
  bool closing_ = false;  // nothing more is read
};

}  // namespace net::http
