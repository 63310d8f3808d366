// SPDX-License-Identifier: Apache-2.0
// login: what it costs the server to let one client in: TCP, stream, SASL, a resource, presence,
// and to see it off. With PLAIN the server hashes the password, which is dear on purpose and the
// same for everybody; what that hash costs on this machine is measured in turns with the logins and
// taken off.
#include <fmt/format.h>

#include <deque>
#include <memory>

#include "bench/failed.h"
#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

constexpr std::size_t slices = 6;
constexpr std::size_t at_a_time = 8;
constexpr double noise = 0.05;  // milliseconds; a login that costs less than its hash was not one

// Logs clients in and out, each account in its turn.
class Visitors final : private Client::Owner {
 public:
  Visitors(Poller& poller, const Target& target, const Login& login)
      : poller_(poller), target_(target), login_(login) {
    poller_.give_up_at(target.give_up);
  }

  void run(std::size_t count) {
    const std::size_t wanted = done_ + count;
    std::size_t begun = done_;
    const auto step = [&] {
      clients_.erase(clients_.begin(), clients_.begin() + static_cast<std::ptrdiff_t>(gone()));
      for (; begun < wanted && begun - done_ < at_a_time; ++begun) start(begun);
      return done_ == wanted;
    };
    if (!poller_.run(step, Clock::now() + std::chrono::seconds(300)))
      throw Failed("logins: not done after 300 s");
    clients_.clear();
  }

  std::vector<double> latencies;  // milliseconds, from connecting to the bound resource

 private:
  struct Visit {
    std::unique_ptr<Client> client;
    Clock::time_point start;
    bool over = false;
  };

  std::size_t gone() const {
    std::size_t n = 0;
    while (n < clients_.size() && clients_[n].over) ++n;
    return n;
  }

  void start(std::size_t number) {
    clients_.push_back(
        {std::make_unique<Client>(poller_, static_cast<Client::Owner&>(*this), number),
         Clock::now()});
    clients_.back().client->connect(target_, account(target_, number % target_.accounts), login_);
  }

  void on_online(Client& client) override {
    for (auto& visit : clients_) {
      if (visit.client.get() != &client) continue;
      latencies.push_back(seconds_between(visit.start, Clock::now()) * 1000);
      visit.over = true;
    }
    ++done_;
    client.close();
  }
  void on_stanza(Client&, const Stanza&) override {}
  void on_lost(Client&, std::string_view why) override {
    throw Failed(fmt::format("a login with {} failed: {}", name_of(login_.mechanism), why));
  }

  Poller& poller_;
  const Target& target_;
  const Login login_;
  std::deque<Visit> clients_;
  std::size_t done_ = 0;
};

// CPU of one hash as the server does it for PLAIN, in milliseconds.
double hash_milliseconds(std::size_t count, int iterations) {
  const double cpu = own_cpu_seconds();
  for (std::size_t i = 0; i < count; ++i)
    salted_password(Mechanism::scram_sha_256, "bench-secret", "0123456789abcdef", iterations);
  return (own_cpu_seconds() - cpu) * 1000 / static_cast<double>(count);
}

struct Kind {
  const char* what;
  Login login;
  bool hashed;  // by the server
};

}  // namespace

void measure_login(const Target& target, const Sizes& sizes, Report& report) {
  const ProcessMeter meter(target.pid);
  const Kind kinds[] = {
      {"PLAIN", {}, true},
      {"SCRAM-SHA-256", {.mechanism = Mechanism::scram_sha_256}, false},
      {"SCRAM-SHA-1", {.mechanism = Mechanism::scram_sha_1}, false},
      {"PLAIN, direct TLS", {.tls = true}, true},
  };
  for (const auto& kind : kinds) {
    if (kind.login.tls && target.tls.port == 0) continue;
    Poller poller;
    Visitors visitors(poller, target, kind.login);
    visitors.run(20);  // warm
    visitors.latencies.clear();
    const std::size_t count = std::max<std::size_t>(1, sizes.logins / slices);
    double used = 0, wall = 0, hash = 0;
    for (std::size_t i = 0; i < slices; ++i) {
      const double cpu = meter.cpu_seconds();
      const auto start = Clock::now();
      visitors.run(count);
      wall += seconds_between(start, Clock::now());
      poller.run_for(std::chrono::milliseconds(20));  // the server sees the last ones off
      used += meter.cpu_seconds() - cpu;
      if (kind.hashed) hash += hash_milliseconds(40, sizes.scram_iterations) / slices;
    }
    const auto logins = static_cast<double>(count * slices);
    const double each = used * 1000 / logins;
    const std::string what = kind.what;
    report.info("login", "server CPU of a login, " + what, each, "ms");
    if (kind.hashed) {
      report.info("login",
                  fmt::format("the hash's own CPU ({} iterations)", sizes.scram_iterations), hash,
                  "ms");
      const std::string besides = "server CPU besides the hash, " + what;
      if (kind.login.tls)
        report.info("login", besides, each - hash, "ms");
      else
        report.at_most("login", besides, each - hash, "ms", 0.3, -noise);
    }
    report.info("login", "logins, " + what, logins / wall, "/s");
    report.info("login", "time of a login p50, " + what, quantile(visitors.latencies, 0.5), "ms");
    report.info("login", "time of a login p99, " + what, quantile(visitors.latencies, 0.99), "ms");
  }
}

}  // namespace bench
