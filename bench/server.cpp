// SPDX-License-Identifier: Apache-2.0
#include "bench/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "bench/failed.h"
#include "bench/free_port.h"
#include "bench/load/fleet.h"

namespace bench {
namespace {

constexpr auto patience = std::chrono::seconds(120);
constexpr auto long_patience = std::chrono::seconds(600);  // ten thousand hashes on a busy machine

double children_cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// The child dies with us. Its output goes to `log`.
pid_t spawn(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) fail_errno("fork");
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int in = open("/dev/null", O_RDONLY);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  execv(argv[0], argv.data());
  _exit(127);
}

// The exit status, or -1 if it still runs after `limit`.
int wait_for(pid_t pid, Clock::duration limit) {
  const auto deadline = Clock::now() + limit;
  for (;;) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) == pid)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (Clock::now() > deadline) return -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

PrivateServer::Directory::Directory(const std::string& place, bool keep)
    : path_(place + "/hansard-bench-XXXXXX"), keep_(keep) {
  if (mkdtemp(path_.data()) == nullptr) fail_errno("cannot make " + path_);
}

PrivateServer::Directory::~Directory() {
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(path_, ignored);
}

PrivateServer::PrivateServer(const Options& options)
    : program_(options.program),
      directory_(options.place, options.keep),
      accounts_(options.accounts),
      give_up_(options.give_up) {
  plain_.port = free_port();
  tls_.port = free_port();
  http_.port = free_port();
  write_configuration(options);
  import(options.accounts, path("imported"), long_patience);
}

PrivateServer::~PrivateServer() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

// Whatever would throttle the generator is lifted; send_queue_bytes and the like stay as delivered.
void PrivateServer::write_configuration(const Options& options) {
  std::ofstream(path("hansard.toml")) << fmt::format(
      R"(domain = "localhost"
data_dir = "{}/data"
shards = {}
log_level = "warn"

[listen]
c2s = ["127.0.0.1:{}"]
c2s_tls = ["127.0.0.1:{}"]
s2s = []
http = ["127.0.0.1:{}"]

[c2s]
require_tls = false
allow_plain_without_tls = true

[limits]
preauth_connections = "unlimited"
preauth_per_address = "unlimited"
bytes_per_second = "unlimited"
stanzas_per_second = "unlimited"
resources_per_account = "unlimited"
rooms_per_owner = "unlimited"
{}{})",
      directory_.path(), options.shards, plain_.port, tls_.port, http_.port,
      options.database.empty() ? ""
                               : fmt::format("\n[database]\ncontent = \"{}\"\n", options.database),
      options.archive ? "" : "\n[archive]\nenabled = false\n");
}

Spent PrivateServer::import(std::size_t accounts, const std::string& data_dir,
                            Clock::duration limit) const {
  {
    std::ofstream file(path("accounts.csv"));
    const Target target;
    for (std::size_t i = 0; i < accounts; ++i) {
      const auto one = account(target, i);
      file << one.localpart << ',' << one.password << '\n';
    }
  }
  const double cpu = children_cpu_seconds();
  const auto start = Clock::now();
  const pid_t pid = spawn({program_, "user", "import", "-c", path("hansard.toml"), "-d", data_dir,
                           path("accounts.csv")},
                          path("log"));
  const int status = wait_for(pid, std::min(limit, give_up_ - Clock::now()));
  if (status == -1) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    throw Failed("hansard user import does not end in time");
  }
  if (status != 0)
    throw Failed(fmt::format("hansard user import ended with {}: {}", status, log_end()));
  return {.wall = seconds_between(start, Clock::now()), .cpu = children_cpu_seconds() - cpu};
}

Spent PrivateServer::time_import(std::size_t accounts) const {
  const auto data_dir = path("timed");
  const auto spent = import(accounts, data_dir, long_patience);
  std::filesystem::remove_all(data_dir);
  return spent;
}

void PrivateServer::start() {
  std::filesystem::resize_file(path("log"), 0);
  std::filesystem::remove_all(path("data"));
  std::filesystem::copy(path("imported"), path("data"), std::filesystem::copy_options::recursive);
  pid_ = spawn({program_, "serve", "-c", path("hansard.toml")}, path("log"));
  const auto deadline = std::min(Clock::now() + patience, give_up_);
  while (slurp(path("log")).find("READY") == std::string::npos) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw Failed("hansard serve has ended: " + log_end());
    }
    if (Clock::now() > deadline) throw Failed("hansard serve is not ready: " + log_end());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void PrivateServer::stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  const int status = wait_for(pid_, std::min<Clock::duration>(patience, give_up_ - Clock::now()));
  if (status == -1) throw Failed("hansard serve does not end");
  pid_ = -1;
  if (status != 0) throw Failed(fmt::format("hansard serve ended with {}: {}", status, log_end()));
}

Target PrivateServer::target() const {
  return {.plain = plain_,
          .tls = tls_,
          .pid = pid_,
          .status = [this] { return status(); },
          .http = http_,
          .accounts = accounts_,
          .import_accounts = [this](std::size_t accounts) { return time_import(accounts); },
          .give_up = give_up_};
}

std::string PrivateServer::status() const {
  std::filesystem::remove(path("status"));
  const pid_t pid =
      spawn({program_, "status", "--json", "-c", path("hansard.toml")}, path("status"));
  const int status = wait_for(pid, std::chrono::seconds(10));
  if (status == -1) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  return status == 0 ? slurp(path("status")) : "";
}

std::string PrivateServer::log_end() const {
  const auto log = slurp(path("log"));
  return log.size() > 800 ? log.substr(log.size() - 800) : log;
}

}  // namespace bench
