// SPDX-License-Identifier: Apache-2.0
#include "src/operation/watch.h"

#include <algorithm>
#include <utility>

#include "xmpp/datetime.h"

namespace server {
namespace {

constexpr double hysteresis = 0.2;  // of a threshold

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Watch::Watch(WatchConfig config, Parts parts)
    : config_(std::move(config)), parts_(std::move(parts)), timer_(parts_.loop) {
  for (const auto& volume : config_.volumes) disks_.push_back({volume});
}

void Watch::start() {
  const auto look_on_worker = [this] {
    if (looking_.exchange(true)) return;  // a volume that does not answer
    const bool taken = parts_.workers.submit([this] {
      look();
      looking_ = false;
    });
    if (!taken) looking_ = false;
  };
  look_on_worker();
  timer_.repeat(config_.period, look_on_worker);
}

void Watch::stop() { timer_.stop(); }

void Watch::look() {
  WatchReading reading;
  look_at_disks(reading);
  look_at_outbox(reading);
  look_at_certificate(reading);
  reading.open_descriptors = open_descriptors();
  const std::lock_guard lock(mutex_);
  reading_ = std::move(reading);
}

// Paths on one volume are one alarm, under the names of all.
void Watch::look_at_disks(WatchReading& reading) {
  for (Disk& disk : disks_) {
    const auto space = parts_.disk(disk.named.path);
    if (!space) continue;
    reading.volumes.push_back({disk.named.of, disk.named.path, *space});
  }
  for (auto& volume : reading.volumes) {
    const auto same = [&](const auto& other) { return other.space.device == volume.space.device; };
    const auto first = std::find_if(reading.volumes.begin(), reading.volumes.end(), same);
    if (&*first != &volume) {
      volume.severity = first->severity;
      continue;
    }
    std::string of;
    for (const auto& other : reading.volumes)
      if (same(other)) of += (of.empty() ? "" : ", ") + other.of;
    const auto disk = std::find_if(disks_.begin(), disks_.end(),
                                   [&](const Disk& d) { return d.named.of == volume.of; });
    volume.severity = judge(*disk, volume.space, of);
  }
}

Severity Watch::judge(Disk& disk, const DiskSpace& space, const std::string& of) {
  // A share of a large volume is still much.
  const double full = std::min(config_.disk_full, share(config_.disk_full_bytes, space.size_bytes));
  const double left = share(space.free_bytes, space.size_bytes);
  const Severity before = disk.shortage.severity();
  const Severity now = disk.shortage.update(left, {config_.disk_low, full, hysteresis});
  if (now == before) return now;
  const auto percent = std::to_string(static_cast<int>(left * 100));
  const auto free = std::to_string(space.free_bytes);
  const auto say = [&](base::Level level, std::string_view event) {
    if (!parts_.log.enabled(level)) return;
    parts_.log.write(
        level, event,
        {{"of", of}, {"path", disk.named.path}, {"free_bytes", free}, {"free_percent", percent}});
  };
  if (now == Severity::error)
    say(base::Level::error, "a volume is nearly full; when it is, nothing more is recorded");
  else if (now == Severity::warning)
    say(base::Level::warn, "little space is left on a volume");
  else
    say(base::Level::info, "there is space enough on a volume again");
  return now;
}

// That it is full is said where messages are refused.
void Watch::look_at_outbox(WatchReading& reading) {
  if (config_.outbox_limit == 0) return;
  const std::uint64_t rows = parts_.outbox_rows();
  const std::uint64_t left = config_.outbox_limit - std::min(rows, config_.outbox_limit);
  const Severity before = outbox_.severity();
  reading.outbox =
      outbox_.update(share(left, config_.outbox_limit), {config_.outbox_left, 0, hysteresis});
  const std::string limit = std::to_string(config_.outbox_limit);
  if (before == Severity::none && reading.outbox != Severity::none)
    parts_.log.warn("many rows wait for the archive; at the limit new messages are refused",
                    {{"rows", std::to_string(rows)}, {"limit", limit}});
  if (before != Severity::none && reading.outbox == Severity::none)
    parts_.log.info("few rows wait for the archive again",
                    {{"rows", std::to_string(rows)}, {"limit", limit}});
}

void Watch::look_at_certificate(WatchReading& reading) {
  {
    const std::lock_guard lock(mutex_);
    reading.certificate_until = certificate_until_;
  }
  if (reading.certificate_until.us == 0) return;
  const Severity before = certificate_.severity();
  const base::Micros left = reading.certificate_until - parts_.clock.wall();
  // Without slack: time only runs out, and a new certificate is another one.
  reading.certificate = certificate_.update(static_cast<double>(left),
                                            {static_cast<double>(config_.certificate_left), 0, 0});
  if (reading.certificate == before) return;
  const std::string until = xmpp::format_datetime(reading.certificate_until);
  if (reading.certificate == Severity::error)
    parts_.log.error("the certificate has expired; put a new one in its place and reload",
                     {{"until", until}});
  else if (reading.certificate == Severity::warning)
    parts_.log.warn("the certificate expires soon; put a new one in its place and reload",
                    {{"until", until}});
  else
    parts_.log.info("the certificate is valid for long enough again", {{"until", until}});
}

void Watch::set_certificate(base::Time until) {
  const std::lock_guard lock(mutex_);
  certificate_until_ = until;
}

WatchReading Watch::reading() const {
  const std::lock_guard lock(mutex_);
  return reading_;
}

}  // namespace server
