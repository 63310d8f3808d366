// SPDX-License-Identifier: Apache-2.0
// control.sock from both ends, over a real socket in a folder of its own.
#include "src/control/control.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "src/control/control_client.h"
#include "src/control/control_socket.h"
#include "tests/unit/admin/fakes.h"
#include "tests/unit/src/temporary.h"

namespace {

using Catch::Matchers::Contains;

struct Served {
  tests::TemporaryFolder folder;
  tests::AdminWorld world;
  std::unique_ptr<base::Log> log = base::make_null_log();
  std::string path;
  server::CommandRunner runner{world.context, *log};
  server::ControlServer control;

  explicit Served(const std::string& below = "")
      : path((std::filesystem::create_directories(folder.path(below)), folder.path(below)) +
             "/control.sock"),
        control(path, runner) {
    REQUIRE(control.start());
    runner.start();
  }
  server::ControlClient client() {
    auto connected = server::ControlClient::connect(path);
    REQUIRE(connected);
    REQUIRE(*connected);
    return std::move(**connected);
  }
};

// Bytes as somebody else's program sends them; what came back until the server closed.
std::string talk(const std::string& path, const std::string& bytes) {
  const auto fd = server::control_connection(path);
  REQUIRE(fd);
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto n = ::send(fd.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  ::shutdown(fd.get(), SHUT_WR);
  std::string back;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0;)
    back.append(buffer, static_cast<std::size_t>(n));
  return back;
}

TEST_CASE("a command goes there and its answer comes back") {
  Served served;
  auto client = served.client();
  const auto made = client.ask({"user add", {{"jid", "alice@localhost"}, {"password", "x"}}}, {});
  REQUIRE(made);
  CHECK_THAT(made->text, Contains("alice@localhost"));
  const auto again = client.ask({"user add", {{"jid", "alice@localhost"}, {"password", "x"}}}, {});
  REQUIRE_FALSE(again);
  CHECK_THAT(again.error().text, Contains("exists already"));
  const auto list = client.ask({"user list", {}}, {});
  REQUIRE(list);
  CHECK(list->tables.at(0).rows.size() == 1);
  CHECK(served.world.recorder.commands().at(0).uid == static_cast<std::int64_t>(::getuid()));
}

TEST_CASE("the socket is its owner's only and goes with the server") {
  Served served;
  struct stat info = {};
  REQUIRE(::stat(served.path.c_str(), &info) == 0);
  CHECK(S_ISSOCK(info.st_mode));
  CHECK((info.st_mode & 0777) == 0600);
  served.control.stop();
  CHECK(::stat(served.path.c_str(), &info) != 0);
}

TEST_CASE("a path longer than a socket address works") {
  Served served(std::string(100, 'd') + "/" + std::string(100, 'e'));
  REQUIRE(served.path.size() > 200);
  CHECK(served.client().ask({"status", {}}, {}));
}

TEST_CASE("no server, or one that died, is no server") {
  tests::TemporaryFolder folder;
  const auto path = folder.path("control.sock");
  auto nobody = server::ControlClient::connect(path);
  REQUIRE(nobody);
  CHECK_FALSE(nobody->has_value());

  {
    const server::Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    const server::ControlAddress address(path);
    REQUIRE(::bind(dead.get(), address.get(), address.size()) == 0);
  }
  auto stale = server::ControlClient::connect(path);
  REQUIRE(stale);
  CHECK_FALSE(stale->has_value());

  tests::AdminWorld world;
  const auto log = base::make_null_log();
  server::CommandRunner runner(world.context, *log);
  server::ControlServer control(path, runner);
  REQUIRE(control.start());
  CHECK(server::ControlClient::connect(path)->has_value());
}

TEST_CASE("two servers do not share a socket") {
  Served served;
  server::ControlServer second(served.path, served.runner);
  const auto started = second.start();
  REQUIRE_FALSE(started);
  CHECK_THAT(started.error(), Contains("already"));
  second.stop();
  CHECK(served.client().ask({"status", {}}, {}));
}

TEST_CASE("an import shows its progress") {
  Served served;
  std::size_t done = 0, total = 0;
  const auto answer = served.client().ask({"user import", {{"file", "a,x\nb,y\nc,z\n"}}},
                                          [&](std::size_t d, std::size_t t) {
                                            done = d;
                                            total = t;
                                          });
  REQUIRE(answer);
  CHECK(done == 3);
  CHECK(total == 3);
}

double cpu_seconds() {
  timespec used = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

TEST_CASE("with no descriptor left it does not spin, and who waits is let in once there is one") {
  Served served;
  const server::Descriptor fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  const server::ControlAddress address(served.path);
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(server::Descriptor(::dup(fd.get())).get());  // the next
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const bool connected = ::connect(fd.get(), address.get(), address.size()) == 0;
  const double cpu = cpu_seconds();
  pollfd answered = {fd.get(), POLLIN, 0};
  CHECK(::poll(&answered, 1, 500) == 0);
  const double used = cpu_seconds() - cpu;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(connected);
  CHECK(used < 0.25);  // it would be all of the half second
  const std::string request = R"({"command":"status","arguments":{}})"
                              "\n";
  REQUIRE(::send(fd.get(), request.data(), request.size(), 0) ==
          static_cast<ssize_t>(request.size()));
  char answer[1];
  CHECK(::recv(fd.get(), answer, sizeof answer, 0) == 1);
}

// Holds the start of a command that changes something until it is let go.
struct HeldUp final : record::Recorder {
  void submit(std::vector<record::Event>, std::function<void(record::Settlement)> done) override {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(done));
  }
  bool accepting() const override { return true; }
  bool holds() {
    const std::lock_guard lock(mutex);
    return !waiting.empty();
  }
  void let_go() {
    const std::lock_guard lock(mutex);
    for (auto& done : std::exchange(waiting, {})) done(record::Outcome::broken);
  }
  std::mutex mutex;
  std::vector<std::function<void(record::Settlement)>> waiting;
};

TEST_CASE("what only reads does not wait behind what changes") {
  Served served;
  HeldUp recorder;
  served.runner.change_context([&](admin::Context& context) { context.recorder = &recorder; });
  std::thread slow([&] {
    CHECK_FALSE(served.client().ask({"user import", {{"file", "a,x\n"}}}, {}));
  });
  while (!recorder.holds()) std::this_thread::yield();
  CHECK(served.client().ask({"status", {}}, {}));
  CHECK(served.client().ask({"db status", {}}, {}));
  recorder.let_go();
  slow.join();
}

TEST_CASE("what a stopping server no longer does is refused, not left open") {
  Served served;
  HeldUp recorder;
  served.runner.change_context([&](admin::Context& context) { context.recorder = &recorder; });
  std::string said;
  std::thread waiting([&] {
    const auto outcome = served.client().ask({"group add", {{"name", "city"}}}, {});
    if (!outcome) said = outcome.error().text;
  });
  while (!recorder.holds()) std::this_thread::yield();
  served.runner.stop();
  served.control.stop();
  waiting.join();
  CHECK_THAT(said, Contains("in time"));
  recorder.let_go();
}

TEST_CASE("what is no request is answered and the next one served") {
  Served served;
  const auto back = talk(served.path,
                         "nonsense\n{\"command\":\"frobnicate\"}\n"
                         "{\"command\":\"status\"}\n{\"command\":\"sta");
  CHECK(std::count(back.begin(), back.end(), '\n') == 3);
  CHECK_THAT(back, Contains("one JSON object") && Contains("knows no command 'frobnicate'") &&
                       Contains("\"sessions\":3"));
}

TEST_CASE("a request is at most 16 MiB") {
  Served served;
  const std::string head = "{\"command\":\"status\",\"pad\":\"", tail = "\"}";
  const auto of_size = [&](std::size_t size) {
    return talk(served.path,
                head + std::string(size - head.size() - tail.size(), 'x') + tail + "\n");
  };
  CHECK_THAT(of_size(server::control_line_max - 1), Contains("\"ok\":true"));
  CHECK_THAT(of_size(server::control_line_max), Contains("\"ok\":true"));
  CHECK_THAT(of_size(server::control_line_max + 1), Contains("16 MiB"));
  CHECK_THAT(talk(served.path, std::string(server::control_line_max + 1, 'x')), Contains("16 MiB"));
  CHECK(served.client().ask({"status", {}}, {}));
}

}  // namespace
