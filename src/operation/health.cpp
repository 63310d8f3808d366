// SPDX-License-Identifier: Apache-2.0
#include "src/operation/health.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace server {
namespace {

using Json = nlohmann::ordered_json;

struct Finding {
  Severity severity;
  std::string text;
};

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::none:
      return "well";
    case Severity::warning:
      return "degraded";
    case Severity::error:
      return "ill";
  }
  return "ill";
}

Finding record(bool accepting) {
  if (accepting) return {Severity::none, "is written"};
  return {Severity::error, "cannot be written: new messages are refused"};
}

Finding archive(const Symptoms& symptoms) {
  switch (symptoms.archive) {
    case Symptoms::Archive::off:
      return {Severity::none, "is switched off"};
    case Symptoms::Archive::following:
      return {Severity::none, "follows the record"};
    case Symptoms::Archive::retrying:
      return {Severity::error, "cannot be written: copies wait in the outbox"};
    case Symptoms::Archive::unsigned_:
      return {Severity::error,
              "is written, but no checkpoint can be signed: see the log, and `hansard archive "
              "status`"};
    case Symptoms::Archive::stopped_by_gap:
      return {Severity::error,
              "has stopped for a source, the others go on: " + symptoms.stopped_sources};
  }
  return {Severity::error, "is in an unknown state"};
}

Finding disk(const WatchReading& watch) {
  auto worst = Severity::none;
  for (const auto& volume : watch.volumes) worst = std::max(worst, volume.severity);
  if (worst == Severity::error) return {worst, "a volume is nearly full; see the log"};
  if (worst == Severity::warning) return {worst, "little space is left on a volume; see the log"};
  return {worst, "has space enough"};
}

Finding outbox(Severity severity) {
  if (severity == Severity::error)
    return {severity, "is full: new messages are refused until the archive has caught up"};
  if (severity == Severity::warning) return {severity, "is filling: the archive does not keep up"};
  return {severity, "has room"};
}

Finding certificate(Severity severity) {
  if (severity == Severity::error) return {severity, "has expired"};
  if (severity == Severity::warning) return {severity, "expires soon"};
  return {severity, "is valid"};
}

Finding shards(std::size_t silent) {
  if (silent == 0) return {Severity::none, "answer"};
  return {Severity::error, "some do not answer: their clients wait"};
}

}  // namespace

Symptoms::Archive archive_state(const compliance::Archivist* archivist) {
  if (archivist == nullptr) return Symptoms::Archive::off;
  if (archivist->is_unavailable()) return Symptoms::Archive::retrying;
  if (archivist->any_stopped()) return Symptoms::Archive::stopped_by_gap;
  return archivist->sealing() == compliance::Sealing::ready ? Symptoms::Archive::following
                                                            : Symptoms::Archive::unsigned_;
}

net::http::Response health(const Symptoms& symptoms) {
  const std::pair<const char*, Finding> findings[] = {
      {"record", record(symptoms.record_accepting)},
      {"archive", archive(symptoms)},
      {"outbox", outbox(symptoms.watch.outbox)},
      {"disk", disk(symptoms.watch)},
      {"certificate", certificate(symptoms.watch.certificate)},
      {"shards", shards(symptoms.silent_shards)}};
  auto worst = Severity::none;
  for (const auto& [name, finding] : findings) worst = std::max(worst, finding.severity);
  Json answer;
  answer["status"] = word(worst);
  for (const auto& [name, finding] : findings)
    answer[name] = {{"status", word(finding.severity)}, {"text", finding.text}};
  return {.status = worst == Severity::error ? 503 : 200,
          .type = "application/json",
          .body = answer.dump(2, ' ', false, Json::error_handler_t::replace) + '\n'};
}

}  // namespace server
