// SPDX-License-Identifier: Apache-2.0
// start: how soon a server accepts clients whose database holds very many rooms, and how long one
// of them takes to be read. After a clean stop, and after a crash with very many people inside.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "bench/failed.h"
#include "bench/free_port.h"
#include "bench/storage/storage.h"
#include "db/sql/sql.h"
#include "xmpp/jid.h"

namespace bench::storage {
namespace {

double since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void leave_inside(const db::Target& target, const Setup& setup) {
  db::Session session(target, db::Session::Use::full);
  const std::string sql =
      "INSERT INTO occupancy (room_id, jid, session, nick, affiliation, role, joined_at, source,"
      " incarnation) SELECT n % " +
      std::to_string(setup.stored_rooms) +
      " + 1, 'user' || n ||"
      " '@localhost/pda', 's' || n, 'nick' || n, 1, 2, n, 'n1.1', 1" +
      one_to(session, setup.open_stays);
  session.script(sql.c_str());
}

// Seconds from the start of the process to READY.
double start_server(const Setup& setup) {
  const std::string config = setup.data_dir + "/hansard.toml";
  std::ofstream(config) << "[listen]\nc2s = [\"127.0.0.1:" << free_port()
                        << "\"]\nc2s_tls = []\ns2s = []\nhttp = []\n"
                        << "[database]\ncontent = \"" << setup.content_url << "\"\n";
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail_errno("pipe");
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) fail_errno("fork");
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(setup.hansard.c_str(), "hansard", "serve", "-c", config.c_str(), "-d",
            setup.data_dir.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string said;
  double ready = -1;
  char buffer[4096];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    said.append(buffer, static_cast<std::size_t>(n));
    if (ready >= 0 || said.find("READY\n") == std::string::npos) continue;
    ready = since(begin);
    ::kill(child, SIGTERM);
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  if (ready < 0) throw Failed("the server did not become ready: " + said);
  return ready;
}

void read_some(const Setup& setup, Report& report) {
  auto opened = db::Content::open(setup.content_url, setup.data_dir, db::Content::Access::own);
  if (!opened) throw Failed(opened.error());
  std::vector<double> took;
  for (std::int64_t i = 0; i < 2000; ++i) {
    const auto room = *xmpp::Jid::parse("room" + std::to_string(1 + i * 7919 % setup.stored_rooms) +
                                        "@chat.localhost");
    const auto begin = std::chrono::steady_clock::now();
    const auto found = (*opened)->rooms().load(room, 30);
    took.push_back(since(begin) * 1e3);
    if (!found || !*found) throw Failed("a room is not there");
  }
  report.info("start", "reading a hibernated room, p50", quantile(took, 0.5), "ms");
  report.info("start", "reading a hibernated room, p99", quantile(took, 0.99), "ms");
}

}  // namespace

void run_start(const Setup& setup, Report& report) {
  const auto target = db::parse_target(setup.content_url, setup.data_dir);
  if (!target) throw Failed(target.error());
  {
    Recording recording(setup);  // makes the schema, and the first incarnation
    if (!recording.content->stop_recording(base::seconds(30), "bench")) throw Failed("no stop");
  }
  (void)start_server(setup);
  report.info("start", "an empty database", start_server(setup), "s");
  make_stored_rooms(*target, setup.stored_rooms);
  const std::string rooms = std::to_string(setup.stored_rooms) + " stored rooms";
  report.at_most("start", rooms, start_server(setup), "s", 2);
  leave_inside(*target, setup);
  report.at_most("start", "the same with " + std::to_string(setup.open_stays) + " stays left open",
                 start_server(setup), "s", 2);
  read_some(setup, report);
}

}  // namespace bench::storage
