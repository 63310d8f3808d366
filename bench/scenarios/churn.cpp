// SPDX-License-Identifier: Apache-2.0
// churn: people come and go at a steady rate while others talk. Those who stay must get every
// message exactly once and in one order; of each visit, the messages must be a run without a gap,
// with all that was certainly said between coming and going.
#include <fmt/format.h>

#include "bench/failed.h"
#include "bench/load/traffic.h"
#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

// Has its clients enter and leave in turn, each room its share, at a rate.
class Churn {
 public:
  Churn(Fleet& fleet, Traffic& traffic, std::size_t first_client, std::size_t rooms)
      : fleet_(fleet),
        traffic_(traffic),
        first_(first_client),
        rooms_(rooms),
        states_(fleet.size() - first_client) {
    fleet_.on_self = [this](Client& client, const Origin&, bool inside) {
      on_self(client, inside);
    };
  }
  ~Churn() {
    fleet_.on_self = nullptr;
    traffic_.meanwhile = nullptr;
  }
  Churn(const Churn&) = delete;
  Churn& operator=(const Churn&) = delete;

  void start(double per_second) {
    step_ =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second));
    next_ = Clock::now();
    traffic_.meanwhile = [this] { return act(); };
  }

  // Everybody out; nothing more begins.
  void stop() {
    traffic_.meanwhile = nullptr;
    const auto settled = [this] {
      for (std::size_t i = 0; i < states_.size(); ++i)
        if (states_[i].at == At::inside) leave(i);
      return std::all_of(states_.begin(), states_.end(),
                         [](const State& s) { return s.at == At::outside; });
    };
    if (!fleet_.poller().run(settled, Clock::now() + std::chrono::seconds(60)))
      throw Failed("not everybody was let in or out within 60 s");
  }

  std::size_t visits() const { return latencies_.size(); }
  const std::vector<double>& latencies() const { return latencies_; }  // of entering, milliseconds

 private:
  enum class At { outside, entering, inside, leaving };
  struct State {
    At at = At::outside;
    Clock::time_point asked;
  };

  // Does what is due. Who is still waiting for an answer is passed over.
  Clock::time_point act() {
    while (next_ <= Clock::now()) {
      for (std::size_t tries = 0; tries < states_.size(); ++tries) {
        const auto i = turn_++ % states_.size();
        if (states_[i].at == At::outside) {
          enter(i);
          break;
        }
        if (states_[i].at == At::inside) {
          leave(i);
          break;
        }
      }
      next_ += step_;
    }
    return next_;
  }

  std::uint32_t room_of(std::size_t i) const { return static_cast<std::uint32_t>(i % rooms_); }

  void enter(std::size_t i) {
    states_[i] = {At::entering, Clock::now()};
    traffic_.begin_visit(first_ + i, room_of(i));
    auto& client = fleet_.client(first_ + i);
    client.queue(
        fmt::format("<presence to='{}/n{}'><x xmlns='http://jabber.org/protocol/muc'>"
                    "<history maxstanzas='0'/></x></presence>",
                    fleet_.room_jid(room_of(i)), client.index()));
    client.flush();
  }

  void leave(std::size_t i) {
    states_[i].at = At::leaving;
    traffic_.visitor_leaves(first_ + i);
    auto& client = fleet_.client(first_ + i);
    client.queue(fmt::format("<presence type='unavailable' to='{}/n{}'/>",
                             fleet_.room_jid(room_of(i)), client.index()));
    client.flush();
  }

  void on_self(Client& client, bool inside) {
    if (client.index() < first_) throw Failed("an occupant who stays was put out, or in twice");
    auto& state = states_[client.index() - first_];
    if (inside && state.at == At::entering) {
      latencies_.push_back(seconds_between(state.asked, Clock::now()) * 1000);
      state.at = At::inside;
      traffic_.visitor_entered(client.index());
    } else if (!inside && state.at == At::leaving) {
      traffic_.end_visit(client.index());
      state.at = At::outside;
    } else {
      throw Failed(fmt::format("client {} was let in or out without asking", client.index()));
    }
  }

  Fleet& fleet_;
  Traffic& traffic_;
  const std::size_t first_, rooms_;
  std::vector<State> states_;
  std::size_t turn_ = 0;
  Clock::duration step_{};
  Clock::time_point next_;
  std::vector<double> latencies_;
};

constexpr std::size_t rooms_of_churn = 20;

}  // namespace

std::size_t accounts_of_churn(const Sizes& sizes) {
  return rooms_of_churn * sizes.churn_occupants + sizes.churn_people;
}

void measure_churn(const Target& target, const Sizes& sizes, Report& report) {
  Poller poller;
  Fleet fleet(poller, target);
  const ProcessMeter meter(target.pid);
  Fleet::Rooms rooms(rooms_of_churn);
  std::size_t staying = 0;
  for (auto& room : rooms)
    for (std::size_t i = 0; i < sizes.churn_occupants; ++i) room.push_back(staying++);
  fleet.log_in(staying + sizes.churn_people);
  fleet.enter(rooms, 100);
  Traffic traffic(fleet, rooms, sizes.body_bytes);
  traffic.at_rate(sizes.churn_messages / 10 + 1, sizes.churn_rate);  // warm
  traffic.take_latencies();

  double cpu = meter.cpu_seconds();
  traffic.at_rate(sizes.churn_messages, sizes.churn_rate);
  const double quiet = meter.cpu_seconds() - cpu;
  const auto quiet_latencies = traffic.take_latencies();

  Churn churn(fleet, traffic, staying, rooms_of_churn);
  cpu = meter.cpu_seconds();
  const auto start = Clock::now();
  churn.start(sizes.churn_rate);
  traffic.at_rate(sizes.churn_messages, sizes.churn_rate);
  const double wall = seconds_between(start, Clock::now());
  churn.stop();
  const double busy = meter.cpu_seconds() - cpu;
  const auto latencies = traffic.take_latencies();
  const auto visits = static_cast<double>(churn.visits());
  const auto verdict = traffic.verdict();
  report.check("churn", verdict);
  report.proof("churn", fmt::format("{} visits, owed {} messages", churn.visits(), verdict.owed),
               churn.visits() != 0 && verdict.owed != 0);
  fleet.close_all();
  if (churn.visits() == 0) return;  // there is nothing to divide by
  report.info("churn", fmt::format("visits, {:.0f} messages/s meanwhile", sizes.churn_rate),
              visits / wall, "/s");
  report.info("churn", fmt::format("server CPU of a visit, room of {}", sizes.churn_occupants),
              (busy - quiet) * 1000 / visits, "ms");
  report.info("churn", "time to enter p50", quantile(churn.latencies(), 0.5), "ms");
  report.info("churn", "time to enter p99", quantile(churn.latencies(), 0.99), "ms");
  report.info("churn", "reflection p50 without churn", quantile(quiet_latencies, 0.5), "ms");
  report.info("churn", "reflection p50 with it", quantile(latencies, 0.5), "ms");
  report.info("churn", "reflection p99 with it", quantile(latencies, 0.99), "ms");
}

}  // namespace bench
