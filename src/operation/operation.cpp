// SPDX-License-Identifier: Apache-2.0
#include "src/operation/operation.h"

#include <filesystem>
#include <utility>

#include "src/operation/health.h"
#include "src/operation/meters.h"

namespace server {
namespace {

namespace fs = std::filesystem;

// Where a SQLite database lies; nothing for databases on other machines.
void add_volume(const Config& config, const std::string& of, const std::string& url,
                std::vector<WatchConfig::Volume>& volumes) {
  constexpr std::string_view prefix = "sqlite:";
  if (!url.starts_with(prefix)) return;
  const fs::path folder = fs::path(config.in_data_dir(url.substr(prefix.size()))).parent_path();
  volumes.push_back({of, folder.empty() ? "." : folder.string()});
}

WatchConfig watch_config(const Config& config, bool archive) {
  WatchConfig watch;
  watch.volumes.push_back({"data_dir", config.data_dir});
  add_volume(config, "content", config.database.content, watch.volumes);
  if (archive) {
    add_volume(config, "archive", config.database.archive, watch.volumes);
    watch.outbox_limit = config.archive.outbox_limit;
  }
  return watch;
}

net::http::Hosts hosts(const Config& config) {
  std::vector<std::string> names = config.listen.http_hosts;
  names.push_back(config.domain);
  bool any_address = false;
  for (const auto& text : config.listen.http)
    if (const auto endpoint = net::parse_endpoint(text)) {
      names.push_back(endpoint->host);
      any_address = any_address || endpoint->host == "0.0.0.0" || endpoint->host == "::";
    }
  return {names, any_address};
}

}  // namespace

Operation::Operation(const Parts& parts)
    : parts_(parts),
      watch_(watch_config(parts.config, parts.archivist != nullptr),
             {parts.shards[0], parts.workers, parts.clock, parts.log,
              [&content = parts.content] { return content.outbox_rows(); }}),
      pulse_(parts.shards, parts.clock),
      http_(parts.shards, parts.clock, hosts(parts.config),
            [this](std::string_view path) { return page(path); }) {
  show(metrics_, {.shards = parts.shards,
                  .router = parts.router,
                  .c2s = parts.c2s,
                  .rooms = parts.rooms,
                  .workers = parts.workers,
                  .content = parts.content,
                  .recorder = parts.content.recorder(),
                  .commits = parts.commits,
                  .archivist = parts.archivist,
                  .watch = watch_,
                  .pulse = pulse_,
                  .http = http_,
                  .started = process_start(parts.clock)});
}

base::Result<void, std::string> Operation::listen(std::vector<std::string>& listening) {
  for (const auto& text : parts_.config.listen.http) {
    auto endpoint = net::parse_endpoint(text);
    if (!endpoint) return base::fail(endpoint.error());
    endpoint->option = "http";
    auto listener =
        net::Listener::open(parts_.shards, *endpoint,
                            [this](std::size_t shard, std::unique_ptr<net::Connection> connection) {
                              http_.accept(shard, std::move(connection));
                            });
    if (!listener) return base::fail(listener.error());
    listening.push_back(text + " (/metrics, /health)");
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

void Operation::start() {
  parts_.shards[0].post([this] {
    watch_.start();
    pulse_.start([&notifier = parts_.notifier] { notifier.alive(); });
  });
}

void Operation::reload_begins() { parts_.notifier.reloading(parts_.clock.monotonic()); }
void Operation::reload_ends() { parts_.notifier.ready("serving " + parts_.config.domain); }

void Operation::stop() {
  for (auto& listener : listeners_) listener->close();
  parts_.shards[0].post([this] { watch_.stop(); });
}

std::optional<net::http::Response> Operation::page(std::string_view path) const {
  if (path == "/metrics")
    return net::http::Response{.type = "text/plain; version=0.0.4; charset=utf-8",
                               .body = metrics_.text()};
  if (path == "/health")
    return health({.record_accepting = parts_.content.recorder().accepting(),
                   .archive = archive_state(parts_.archivist),
                   .stopped_sources = parts_.archivist == nullptr
                                          ? std::string()
                                          : compliance::text(parts_.archivist->stopped()),
                   .silent_shards = pulse_.silent(),
                   .watch = watch_.reading()});
  return std::nullopt;
}

}  // namespace server
