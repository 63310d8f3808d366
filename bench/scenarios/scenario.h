// SPDX-License-Identifier: Apache-2.0
// The scenarios: each takes a server that has just started and has nobody on it, and adds its
// figures to the report. Each needs as many accounts as it says.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "bench/cpu.h"
#include "bench/load/fleet.h"
#include "bench/report.h"

namespace bench {

struct Sizes {
  std::size_t occupants = 1000;  // of the one room of fanout and join
  std::size_t fanout_messages = 300;
  std::size_t body_bytes = 100;
  std::size_t rooms = 200;    // of record and latency
  std::size_t room_size = 0;  // occupants of each; 0: 2 to 5
  std::size_t record_messages = 100000;
  std::size_t record_window = 2000;
  double latency_rate = 500;
  std::size_t latency_messages = 5000;
  std::size_t idle_plain = 5000;
  std::size_t idle_tls = 2000;
  std::size_t occupancy_rooms = 500;  // of occupant, 20 in each
  std::size_t logins = 1200;          // with each mechanism
  int scram_iterations = 4096;        // as the server is configured
  std::size_t churn_occupants = 20;   // who stay, in each of 20 rooms
  std::size_t churn_people = 100;     // who come and go
  double churn_rate = 200;            // entries and leaves a second; as many messages
  std::size_t churn_messages = 3000;
  std::size_t roster_items = 1000;
  std::size_t roster_logins = 30;
  std::size_t metrics_sessions = 10000;
  std::size_t metrics_pages = 50;
  std::size_t resumptions = 100;
  std::size_t resume_pending = 5;  // messages that come while the stream is cut
  std::size_t imported = 10000;
  std::size_t proxied_messages = 60;
  std::size_t visits = 120;     // of enter
  std::size_t members = 10000;  // of lists
  std::size_t forms = 50;
};

void measure_fanout(const Target& target, const Sizes& sizes, Report& report);
void measure_join(const Target& target, const Sizes& sizes, Report& report);
void measure_enter(const Target& target, const Sizes& sizes, Report& report);
void measure_lists(const Target& target, const Sizes& sizes, Report& report);
void measure_record(const Target& target, const Sizes& sizes, Report& report);
void measure_latency(const Target& target, const Sizes& sizes, Report& report);
void measure_idle(const Target& target, const Sizes& sizes, bool tls, Report& report);
void measure_occupant(const Target& target, const Sizes& sizes, Report& report);
void measure_login(const Target& target, const Sizes& sizes, Report& report);
void measure_churn(const Target& target, const Sizes& sizes, Report& report);
void measure_roster(const Target& target, const Sizes& sizes, Report& report);
void measure_resume(const Target& target, const Sizes& sizes, Report& report);
void measure_metrics(const Target& target, const Sizes& sizes, Report& report);
void measure_import(const Target& target, const Sizes& sizes, Report& report);
void prove_by_proxy(const Target& target, const Sizes& sizes, Report& report);

inline constexpr std::size_t enter_visitors = 20;  // of enter, besides the occupants

// How many accounts a scenario uses: bench0 … of these many.
std::size_t accounts_of_idle(const Sizes& sizes);
std::size_t accounts_of_idle_tls(const Sizes& sizes);
std::size_t accounts_of_occupant(const Sizes& sizes);
std::size_t accounts_of_churn(const Sizes& sizes);

// Keeps the fleet's connections served until the server's resident memory has stood still for two
// seconds, five at least and forty at most. Returns it.
double settled_memory(Poller& poller, const ProcessMeter& meter);

// A number that the server's status gives under that name, 0 if it gives none.
double status_number(const Target& target, std::string_view name);

// Room 0 with clients 0 … n-1.
Fleet::Rooms one_room(std::size_t occupants);
// Rooms of 2, 3, 4, 5, 2 … occupants, or all of room_size; nobody in two of them.
Fleet::Rooms small_rooms(const Sizes& sizes);
std::size_t people(const Fleet::Rooms& rooms);

}  // namespace bench
