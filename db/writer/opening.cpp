// SPDX-License-Identifier: Apache-2.0
#include "db/writer/opening.h"

namespace db {

std::vector<Submission> opening(const OpenedSource& source, const RecordingConfig& config) {
  std::vector<record::Event> events;
  record::ServerStarted started{config.version, boot_id(), {}, 0, {}};
  if (const auto& previous = source.previous) {
    if (!previous->stopped)
      events.push_back({config.clock->wall(),
                        0,
                        0,
                        {},
                        record::CrashDetected{previous->source, previous->last_seen}});
    started.previous_source = previous->source;
    started.previous_sn = previous->head.number;
    started.previous_hash = base::hex(base::as_chars(previous->head.hash));
  }
  events.push_back({config.clock->wall(), 0, 0, {}, std::move(started)});
  for (const auto& said : source.comparison.said)
    events.push_back({config.clock->wall(), 0, 0, {}, said});
  std::vector<Submission> batch;
  batch.push_back({std::move(events), {}, config.clock->monotonic()});
  return batch;
}

void tell(base::Log& log, const Comparison& comparison) {
  using Older = record::RestoreDetected::Older;
  for (const auto& body : comparison.said) {
    const auto& e = std::get<record::RestoreDetected>(body);
    const std::string content = std::to_string(e.content_sn),
                      archive = std::to_string(e.archive_sn);
    if (e.older == Older::content)
      log.warn(
          "the content is older than the archive, as after a restore; rooms go on behind the "
          "archive's numbers",
          {{"source", e.source},
           {"content", content},
           {"archive", archive},
           {"rooms", std::to_string(e.rooms)}});
    else
      log.error("the archive has lost events, as after a restore of an older copy",
                {{"source", e.source},
                 {"content", content},
                 {"archive", archive},
                 {"first", std::to_string(e.lost_first)},
                 {"last", std::to_string(e.lost_last)}});
  }
}

}  // namespace db
