// SPDX-License-Identifier: Apache-2.0
#include "src/operation/meters.h"

#include <string>
#include <utility>
#include <vector>

#include "src/operation/health.h"
#include "src/operation/machine.h"
#include "src/version.h"

namespace server {
namespace {

using Sample = base::Metrics::Sample;
using Samples = std::vector<Sample>;

template <class T>
double number(T value) {
  return static_cast<double>(value);
}

double seconds(base::Micros time) { return number(time) / 1e6; }

template <class F>
base::Metrics::Samples over_shards(const Shown& s, F value) {
  return [&shards = s.shards, value] {
    Samples samples;
    for (std::size_t i = 0; i < shards.size(); ++i)
      samples.push_back({{std::to_string(i)}, number(value(shards[i].stats()))});
    return samples;
  };
}

// The sum over all shards of what each counts of its rooms.
base::Metrics::Value rooms_sum(const RoomHost& rooms, base::Counter RoomMeters::Shard::*counter) {
  return [&rooms, counter] {
    std::uint64_t sum = 0;
    for (const auto& shard : rooms.meters().shards) sum += (shard.*counter).value();
    return number(sum);
  };
}

void clients(base::Metrics& m, const Shown& s) {
  m.gauge("hansard_sessions", "Sessions: clients that are logged in and bound to a resource.",
          [&r = s.router] { return number(r.session_count()); });
  m.gauge("hansard_connections", "Connections of clients, logged in or not.",
          [&c = s.c2s] { return number(c.connections()); });
  m.gauge("hansard_connections_waiting", "Connections on which nobody has logged in yet.",
          [&c = s.c2s] { return number(c.waiting()); });
  m.counters("hansard_stanzas_received_total", "Stanzas that clients sent.", {"kind"},
             [&r = s.router] {
               const auto received = r.received();
               return Samples{{{"message"}, number(received.messages)},
                              {{"presence"}, number(received.presences)},
                              {{"iq"}, number(received.iqs)}};
             });
  m.counters("hansard_client_refusals_total",
             "Clients refused: connections, logins, streams; by reason.", {"stage", "reason"},
             [&c = s.c2s] {
               Samples samples;
               for (const auto& [key, count] : c.rejects()) {
                 const auto colon = key.find(':');
                 samples.push_back({{key.substr(0, colon), key.substr(colon + 1)}, number(count)});
               }
               return samples;
             });
}

void rooms(base::Metrics& m, const Shown& s) {
  using Shard = RoomMeters::Shard;
  m.gauge("hansard_rooms", "Rooms in memory.", rooms_sum(s.rooms, &Shard::rooms));
  m.gauge("hansard_occupants", "Occupants of all rooms.", rooms_sum(s.rooms, &Shard::occupants));
  m.counter("hansard_room_deliveries_total", "Stanzas that rooms gave to sessions.",
            rooms_sum(s.rooms, &Shard::deliveries));
  m.counters(
      "hansard_room_refusals_total", "Stanzas that rooms refused, by stanza error condition.",
      {"condition"}, [&rooms = s.rooms] {
        Samples samples;
        for (std::size_t i = 0; i < RoomMeters::conditions; ++i) {
          std::uint64_t sum = 0;
          for (const auto& shard : rooms.meters().shards) sum += shard.refusals.at(i).value();
          if (sum != 0)
            samples.push_back({{std::string(name(static_cast<xmpp::Condition>(i)))}, number(sum)});
        }
        return samples;
      });
  m.gauge("hansard_rooms_waiting", "Rooms in which something waits for a record.",
          rooms_sum(s.rooms, &Shard::lines));
  m.gauge("hansard_rooms_waiting_bytes", "How much waits in rooms for a record.",
          rooms_sum(s.rooms, &Shard::line_bytes));
}

void record(base::Metrics& m, const Shown& s) {
  const db::Content& content = s.content;
  m.counter("hansard_recorded_events_total", "Events made durable.",
            [&content] { return number(content.writer_stats().events); });
  m.counter("hansard_commit_failures_total", "Transactions that failed and were tried again.",
            [&content] { return number(content.writer_stats().failures); });
  m.histogram("hansard_commit_seconds", "How long a transaction of the record took.",
              s.commits.seconds);
  m.histogram("hansard_commit_events", "Events in one transaction of the record.",
              s.commits.events);
  m.gauge("hansard_record_queue_events", "Events that wait to be recorded.",
          [&content] { return number(content.writer_stats().queued); });
  m.gauge("hansard_record_queue_bytes", "Bytes of events that wait to be recorded.",
          [&content] { return number(content.writer_stats().queued_bytes); });
  m.gauge("hansard_record_writable", "1: the record is written; 0: new messages are refused.",
          [&recorder = s.recorder] { return recorder.accepting() ? 1.0 : 0.0; });
}

void archive(base::Metrics& m, const Shown& s) {
  m.gauge("hansard_outbox_rows", "Copies of events that wait for the archive.",
          [&content = s.content] { return number(content.outbox_rows()); });
  m.counter("hansard_archived_events_total", "Events copied into the archive since the start.",
            [archivist = s.archivist] {
              return archivist == nullptr ? 0.0 : number(archivist->archived());
            });
  m.gauge("hansard_archive_checkpoint_events", "Events under the last checkpoint.",
          [archivist = s.archivist] {
            return archivist == nullptr ? 0.0 : number(archivist->sealed());
          });
  m.gauges("hansard_archive_state", "1 for the state in which the archive is, 0 for the others.",
           {"state"}, [archivist = s.archivist] {
             const auto state = archive_state(archivist);
             const auto is = [state](Symptoms::Archive which) {
               return state == which ? 1.0 : 0.0;
             };
             using enum Symptoms::Archive;
             return Samples{{{"off"}, is(off)},
                            {{"following"}, is(following)},
                            {{"retrying"}, is(retrying)},
                            {{"unsigned"}, is(unsigned_)},
                            {{"stopped_by_gap"}, is(stopped_by_gap)}};
           });
  m.gauges("hansard_archive_stopped_at",
           "Sources that have stopped, and at which number: nothing from there on is archived.",
           {"source"}, [archivist = s.archivist] {
             Samples samples;
             if (archivist != nullptr)
               for (const auto& stop : archivist->stopped())
                 samples.push_back({{stop.source}, number(stop.sn)});
             return samples;
           });
}

void loops(base::Metrics& m, const Shown& s) {
  m.counters("hansard_loop_iterations_total", "Iterations of each shard's loop.", {"shard"},
             over_shards(s, [](const net::LoopStats& l) { return l.iterations; }));
  m.counters("hansard_loop_slow_iterations_total", "Of them those that took over 10 ms.", {"shard"},
             over_shards(s, [](const net::LoopStats& l) { return l.slow_iterations; }));
  m.counters("hansard_loop_tasks_total", "Tasks that shards were given by other threads.",
             {"shard"}, over_shards(s, [](const net::LoopStats& l) { return l.mailbox_tasks; }));
  m.gauge("hansard_shards_silent", "Shards that have not answered for ten seconds.",
          [&pulse = s.pulse] { return number(pulse.silent()); });
  m.gauge("hansard_worker_queue_tasks", "Tasks that wait for a worker.",
          [&workers = s.workers] { return number(workers.queued()); });
}

base::Metrics::Samples volumes(const Watch& watch, std::uint64_t DiskSpace::*bytes) {
  return [&watch, bytes] {
    Samples samples;
    for (const auto& volume : watch.reading().volumes)
      samples.push_back({{volume.of}, number(volume.space.*bytes)});
    return samples;
  };
}

void machine(base::Metrics& m, const Shown& s) {
  m.gauges("hansard_disk_free_bytes", "Free space on the volume that holds this.", {"of"},
           volumes(s.watch, &DiskSpace::free_bytes));
  m.gauges("hansard_disk_size_bytes", "Size of the volume that holds this.", {"of"},
           volumes(s.watch, &DiskSpace::size_bytes));
  m.gauges("hansard_certificate_expiry_seconds",
           "Until when the certificate is valid, in seconds since 1970.", {}, [&watch = s.watch] {
             const base::Time until = watch.reading().certificate_until;
             return until.us == 0 ? Samples{} : Samples{{{}, seconds(until.us)}};
           });
  m.counter("hansard_http_requests_total", "Requests for pages such as this one.",
            [&http = s.http] { return number(http.requests()); });
  m.counter("hansard_http_refusals_total", "HTTP requests and connections that were refused.",
            [&http = s.http] { return number(http.refusals()); });
  m.counter("hansard_process_cpu_seconds_total", "CPU time of all threads, user and system.",
            [] { return seconds(cpu_time()); });
  m.gauge("hansard_process_resident_memory_bytes", "Memory that is in use.",
          [] { return number(resident_bytes()); });
  m.gauge("hansard_process_open_fds", "Open file descriptors.",
          [&watch = s.watch] { return number(watch.reading().open_descriptors); });
  m.gauge("hansard_process_max_fds", "How many file descriptors may be open.",
          [] { return number(descriptors_max()); });
  m.gauge("hansard_process_start_time_seconds", "When the process began, in seconds since 1970.",
          [at = s.started] { return seconds(at.us); });
  m.gauges("hansard_build_info", "1, for the version that runs.", {"version"}, [] {
    return Samples{{{std::string(version)}, 1}};
  });
}

}  // namespace

void show(base::Metrics& metrics, const Shown& shown) {
  clients(metrics, shown);
  rooms(metrics, shown);
  record(metrics, shown);
  archive(metrics, shown);
  loops(metrics, shown);
  machine(metrics, shown);
}

}  // namespace server
