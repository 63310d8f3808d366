// SPDX-License-Identifier: Apache-2.0
// sd_notify(3): datagrams to the socket that the manager names.
#include "src/operation/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <string>

#include "src/control/descriptor.h"
#include "tests/unit/src/temporary.h"

using server::Notifier;

namespace {

// The manager's end, at a path or an abstract "@name".
class Manager {
 public:
  explicit Manager(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  std::string take() {
    char text[512];
    const auto size = ::recv(fd_.get(), text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  server::Descriptor fd_;
};

void hear_all(const std::string& name) {
  Manager manager(name);
  const Notifier notifier(name, base::seconds(30));
  notifier.ready("serving");
  CHECK(manager.take() == "READY=1\nSTATUS=serving");
  notifier.reloading({1234});
  CHECK(manager.take() == "RELOADING=1\nMONOTONIC_USEC=1234");
  notifier.status("busy");
  CHECK(manager.take() == "STATUS=busy");
  notifier.alive();
  CHECK(manager.take() == "WATCHDOG=1");
  notifier.stopping("bye");
  CHECK(manager.take() == "STOPPING=1\nSTATUS=bye");
}

}  // namespace

TEST_CASE("a manager at a path, and at an abstract address") {
  const tests::TemporaryFolder folder;
  hear_all(folder.path("notify"));
  hear_all("@hansard-test-" + std::to_string(::getpid()));
}

TEST_CASE("without a watchdog it is not fed, without a manager nothing is sent") {
  const tests::TemporaryFolder folder;
  const std::string name = folder.path("notify");
  Manager manager(name);
  Notifier(name, std::nullopt).alive();
  CHECK(manager.take().empty());
  for (const std::string& other :
       {std::string(), std::string("relative"), folder.path("nobody"), "/" + std::string(200, 'x')})
    Notifier(other, base::seconds(1)).ready("nobody hears it");
}

TEST_CASE("the environment is read once and cleared") {
  const tests::TemporaryFolder folder;
  const std::string name = folder.path("notify");
  Manager manager(name);
  const auto from = [&](const char* within, const char* process) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    ::setenv("WATCHDOG_USEC", within, 1);
    ::setenv("WATCHDOG_PID", process, 1);
    Notifier::from_environment().alive();
    CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
    CHECK(std::getenv("WATCHDOG_USEC") == nullptr);
    return manager.take();
  };
  const std::string self = std::to_string(::getpid());
  CHECK(from("30000000", self.c_str()) == "WATCHDOG=1");
  CHECK(from("30000000", "1").empty());  // meant for another process
  CHECK(from("0", self.c_str()).empty());
  CHECK(from("soon", self.c_str()).empty());
}
