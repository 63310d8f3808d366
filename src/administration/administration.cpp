// SPDX-License-Identifier: Apache-2.0
#include "src/administration/administration.h"

#include <atomic>

#include "admin/commands.h"
#include "src/administration/adhoc.h"
#include "src/administration/administrators.h"
#include "src/administration/databases.h"
#include "src/administration/live.h"
#include "src/administration/reload.h"
#include "src/archive/desk.h"
#include "src/control/command_runner.h"
#include "src/control/control.h"
#include "src/services.h"

namespace server {

struct Administration::Impl {
  Impl(const Parts& parts, const std::vector<xmpp::Jid>& made_admins)
      : content(parts.content),
        administrators(
            admin_jids(parts.config), made_admins,
            [&rooms = parts.rooms](const std::vector<xmpp::Jid>& all) { rooms.set_admins(all); }),
        scram_iterations(static_cast<int>(parts.config.auth.scram_iterations)),
        archive_page(parts.config.limits.archive_page),
        databases(parts.config, &parts.content),
        desk(parts.config, parts.archivist),
        reloader(parts.config, {.c2s = parts.c2s,
                                .rooms = parts.rooms,
                                .administrators = administrators,
                                .secrets = parts.content.secrets(),
                                .log = parts.log,
                                .clock = parts.clock,
                                .tell = [this](const Config& config) { follow(config); },
                                .operation = &parts.operation}),
        live({parts.shards, parts.router, parts.c2s, parts.rooms, parts.workers, parts.content,
              parts.archivist, parts.clock, administrators, reloader, parts.archives}),
        runner({.accounts = parts.content.accounts(),
                .groups = parts.content.groups(),
                .rooms = parts.content.directory(),
                .databases = databases,
                .archive = desk,
                .recorder = &parts.content.recorder(),
                .clock = parts.clock,
                .random = parts.random,
                .live = live,
                .domain = parts.config.domain,
                .scram_iterations = scram_iterations,
                .admins = admin_jids(parts.config)},
               parts.log),
        control(parts.config.control_socket(), runner),
        adhoc({parts.shards, parts.router, runner, administrators, parts.clock, parts.random,
               parts.config.domain}) {}

  // What commands go by, of a configuration that was read again.
  void follow(const Config& config) {
    scram_iterations = static_cast<int>(config.auth.scram_iterations);
    content.set_keeping(keep_rules(config));
    archive_page = config.limits.archive_page;
    runner.change_context([&](admin::Context& context) {
      context.scram_iterations = scram_iterations;
      context.admins = admin_jids(config);
    });
  }

  db::Content& content;
  Administrators administrators;
  std::atomic<int> scram_iterations;
  std::atomic<std::size_t> archive_page;
  DatabaseFiles databases;
  Desk desk;
  Reloader reloader;
  LiveServer live;
  CommandRunner runner;
  ControlServer control;
  AdHoc adhoc;
};

Administration::Administration(const Parts& parts, const std::vector<xmpp::Jid>& made_admins)
    : impl_(std::make_unique<Impl>(parts, made_admins)) {}

Administration::~Administration() { stop(); }

admin::Live& Administration::live() { return impl_->live; }

const Administrators& Administration::administrators() const { return impl_->administrators; }

int Administration::scram_iterations() const { return impl_->scram_iterations; }

std::size_t Administration::archive_page() const { return impl_->archive_page; }

base::Result<void, std::string> Administration::start() {
  if (auto ready = impl_->control.start(); !ready) return ready;
  impl_->runner.start();
  return {};
}

void Administration::reload() {
  impl_->runner.submit(admin::reload, {}, {.channel = "signal"}, [](const auto&) {});
}

void Administration::stop() {
  impl_->runner.stop();
  impl_->control.stop();
}

}  // namespace server
