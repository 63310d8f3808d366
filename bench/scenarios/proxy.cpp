// SPDX-License-Identifier: Apache-2.0
// proxy: are the checks any good? The same traffic that the other scenarios check goes through a
// proxy that loses, doubles or swaps one message at one receiver; each must be found, for what it
// is, and nothing must be found when the proxy only passes on.
#include "bench/proxy.h"

#include <fmt/format.h>

#include "bench/load/traffic.h"
#include "bench/scenarios/scenario.h"

namespace bench {
namespace {

constexpr std::size_t occupants = 5;

Verdict talk_through(const Target& target, const Plan& plan, const Sizes& sizes) {
  const DamagingProxy proxy(target.plain, plan);
  auto through = target;
  through.plain = proxy.endpoint();
  Poller poller;
  Fleet fleet(poller, through);
  const auto rooms = one_room(occupants);
  fleet.log_in(occupants);
  fleet.enter(rooms, occupants);
  Traffic traffic(fleet, rooms, sizes.body_bytes);
  traffic.patience = std::chrono::seconds(3);  // what was dropped will not come
  traffic.closed_loop(sizes.proxied_messages, 8);
  const auto verdict = traffic.verdict();
  fleet.close_all();
  return verdict;
}

struct Case {
  Damage damage;
  const char* what;
  bool (*found)(const Verdict&);
};

constexpr Case cases[] = {
    {Damage::none, "nothing damaged: nothing found", [](const Verdict& v) { return v.clean(); }},
    {Damage::drop, "one message dropped at one receiver: found as lost",
     [](const Verdict& v) { return v.lost == 1 && v.doubled + v.reordered + v.alien == 0; }},
    {Damage::double_it, "one message doubled at one receiver: found as doubled",
     [](const Verdict& v) { return v.doubled == 1 && v.lost + v.reordered + v.alien == 0; }},
    {Damage::swap, "two messages swapped at one receiver: found as out of order",
     [](const Verdict& v) { return v.reordered != 0 && v.lost + v.doubled + v.alien == 0; }},
};

}  // namespace

void prove_by_proxy(const Target& target, const Sizes& sizes, Report& report) {
  for (const auto& one : cases)
    report.proof("proxy", one.what, one.found(talk_through(target, {.damage = one.damage}, sizes)));
}

}  // namespace bench
