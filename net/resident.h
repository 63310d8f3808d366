// SPDX-License-Identifier: Apache-2.0
// For net/ only. Resident: an object around one libuv handle with an owner outside the loop. libuv
// frees late, so the object lives until both let go: the owner by leave(), libuv by its close
// callback. The loop closes the residents that are left when it stops.
#pragma once

#include <uv.h>

namespace net {

class Resident {
 public:
  Resident() = default;
  virtual ~Resident() = default;
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;

  // The owner's last call. The object is gone at once, or when the handle has closed.
  void leave() {
    owned_ = false;
    if (!residing_) {
      delete this;
      return;
    }
    close_handle();
  }

  // The loop stops: no callbacks from now on.
  virtual void loop_stops() { close_handle(); }

  static Resident* of(uv_handle_t* handle) { return static_cast<Resident*>(handle->data); }

 protected:
  virtual uv_handle_t* handle() = 0;
  virtual void handle_closed() {}

  // After the handle's init succeeded.
  void moved_in() {
    handle()->data = this;
    residing_ = true;
  }
  void close_handle() {
    if (!residing_ || closing_) return;
    closing_ = true;
    uv_close(handle(), [](uv_handle_t* h) noexcept { of(h)->moved_out(); });
  }
  bool handle_open() const { return residing_ && !closing_; }
  bool owned() const { return owned_; }

 private:
  void moved_out() {
    residing_ = false;
    handle_closed();
    if (!owned_) delete this;
  }

  bool owned_ = true;
  bool residing_ = false;
  bool closing_ = false;
};

}  // namespace net
