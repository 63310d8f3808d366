// SPDX-License-Identifier: Apache-2.0
#include "net/signals.h"

#include "base/check.h"
#include "net/resident.h"

namespace net {

struct Signals::Handle final : Resident {
  Handle(uv_loop_t* loop, std::function<void()> f) : callback(std::move(f)) {
    CHECK(uv_signal_init(loop, &signal) == 0);
    moved_in();
  }
  uv_handle_t* handle() override { return reinterpret_cast<uv_handle_t*>(&signal); }

  uv_signal_t signal;
  std::function<void()> callback;
};

Signals::Signals(Loop& loop) : loop_(loop) {}

Signals::~Signals() {
  for (auto* handle : handles_) handle->leave();
}

bool Signals::on(int signal_number, std::function<void()> callback) {
  auto* handle = new Handle(static_cast<uv_loop_t*>(loop_.native()), std::move(callback));
  const auto fire = [](uv_signal_t* s, int) noexcept { static_cast<Handle*>(s->data)->callback(); };
  if (uv_signal_start(&handle->signal, fire, signal_number) != 0) {
    handle->leave();
    return false;
  }
  handles_.push_back(handle);
  return true;
}

}  // namespace net
