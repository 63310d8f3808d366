// SPDX-License-Identifier: Apache-2.0
// Wiring: who holds whom, what starts after what, and the same backwards at the end. No rule lives
// here.
#include "src/server.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "bridge/c2s/server.h"
#include "bridge/router.h"
#include "db/content.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "net/process.h"
#include "net/tcp/listener.h"
#include "src/administration/administration.h"
#include "src/archive/archiving.h"
#include "src/archive_mode.h"
#include "src/certificates.h"
#include "src/command/cli.h"
#include "src/credentials.h"
#include "src/data_dir.h"
#include "src/direct_messages.h"
#include "src/operation/notify.h"
#include "src/operation/operation.h"
#include "src/people/about.h"
#include "src/people/mam.h"
#include "src/people/people.h"
#include "src/people/registration.h"
#include "src/rooms/room_host.h"
#include "src/rooms/sweeper.h"
#include "src/services.h"
#include "src/session_record.h"
#include "src/signals.h"
#include "src/trimmer.h"
#include "src/version.h"
#include "xmpp/parser/stream_parser.h"

namespace server {
namespace {

constexpr std::size_t worker_threads = 4;
constexpr std::size_t worker_queue_max = 100000;
// Fewer than there are connections that read: pages of archives never take all of them.
constexpr std::size_t archive_threads = 2;
constexpr std::size_t archive_queue_max = 10000;
constexpr auto drain_time = std::chrono::seconds(10);
constexpr auto direct_time = base::seconds(5);
constexpr auto stream_time = base::seconds(8);  // a stream's peer has 5 s to close its side

std::size_t shard_count(const Config& config) {
  if (config.shards != 0) return config.shards;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1,
                                 base::TimeOrderedIds::lanes);
}

// As it must be typed, for programs that are not on the PATH.
std::string own_path() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "hansard" : path.string();
}

// Everything that runs, in the order in which it comes up. Destruction goes backwards.
class Running {
 public:
  Running(const Config& config, base::Log& log, const Notifier& notifier)
      : config_(config), log_(log), notifier_(notifier) {}

  // The error is a sentence.
  base::Result<void, std::string> open();
  void give_up();  // after open() failed
  void reload() { administration_->reload(); }
  bool drain();

 private:
  base::Result<void, std::string> open_databases();
  base::Result<void, std::string> open_tls();
  void build(const std::vector<xmpp::Jid>& made_admins);
  Door::Archive archive_policy() const;
  void open_registration();
  base::Result<void, std::string> listen(const std::vector<std::string>& endpoints,
                                         bool direct_tls);
  void announce() const;

  const Config& config_;
  base::Log& log_;
  const Notifier& notifier_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::optional<Certificate> certificate_;
  db::CommitMeters commits_;
  std::unique_ptr<db::Content> content_;
  std::unique_ptr<Archiving> archiving_;
  compliance::Archivist* archivist_ = nullptr;  // of archiving_
  std::unique_ptr<net::Shards> shards_;
  std::unique_ptr<net::Workers> workers_;
  std::unique_ptr<net::Workers> archive_workers_;
  std::unique_ptr<Credentials> credentials_;
  std::unique_ptr<bridge::Router> router_;
  std::optional<Door> door_;
  std::optional<ArchiveMode> archive_mode_;
  ArchiveRules archives_;
  std::unique_ptr<DirectMessages> conversations_;
  std::unique_ptr<RoomHost> rooms_;
  std::unique_ptr<People> people_;
  std::unique_ptr<Mam> mam_;
  std::unique_ptr<Registration> registration_;
  std::unique_ptr<SessionRecord> sessions_;
  std::unique_ptr<bridge::c2s::Server> c2s_;
  std::unique_ptr<Sweeper> sweeper_;
  std::unique_ptr<Trimmer> trimmer_;
  std::unique_ptr<Operation> operation_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::vector<std::string> listening_;
  std::unique_ptr<Administration> administration_;
};

base::Result<void, std::string> Running::open() {
  if (const std::string wrong = xmpp::check_expat(); !wrong.empty()) return base::fail(wrong);
  if (auto ready = ensure_data_dir(config_.data_dir); !ready) return ready;
  if (auto ready = open_databases(); !ready) return ready;
  if (auto ready = open_tls(); !ready) return ready;
  auto admins = made_admins(config_, content_->accounts());
  if (!admins) return base::fail(admins.error());
  auto owners = content_->messages().owners();
  if (!owners) return base::fail(std::string("preferences cannot be read from the database"));
  for (auto& owner : *owners) archives_.set(std::move(owner));
  build(*admins);
  if (auto ready = listen(config_.listen.c2s, false); !ready) return ready;
  if (auto ready = listen(config_.listen.c2s_tls, true); !ready) return ready;
  if (auto ready = operation_->listen(listening_); !ready) return ready;
  if (auto ready = administration_->start(); !ready) return ready;
  shards_->start();
  rooms_->start();
  operation_->start();
  content_->start_keeping(keep_rules(config_),
                          [this](const xmpp::Jid& room, std::int64_t up_to, base::Time before) {
                            rooms_->forget_history(room, up_to, before);
                          },
                          {});
  (*shards_)[0].post([this] {
    sweeper_->start();
    trimmer_->start();
    sessions_->start((*shards_)[0]);
    if (archive_mode_) archive_mode_->start((*shards_)[0]);
  });
  announce();
  return {};
}

// The record says that we stopped; else the next start would take this one for a crash.
void Running::give_up() {
  if (administration_) administration_->stop();
  if (content_ && !content_->stop_recording(base::seconds(10), "start failed"))
    log_.error("the record was not closed in time");
  if (archivist_) archivist_->stop();
}

base::Result<void, std::string> Running::open_databases() {
  auto content =
      db::Content::open(config_.database.content, config_.data_dir, db::Content::Access::own);
  if (!content) return base::fail(content.error());
  content_ = std::move(*content);
  if (config_.archive.enabled) {
    auto archiving = Archiving::open(config_, content_->outbox(), clock_, log_);
    if (!archiving) return base::fail(archiving.error());
    archiving_ = std::move(*archiving);
    archivist_ = &archiving_->archivist();
    content_->on_commit([this] { archivist_->wake(); });
  }
  auto started = content_->start_recording({.version = version,
                                            .domain = config_.domain,
                                            .outbox = config_.archive.enabled,
                                            .archive = archiving_ ? config_.database.archive : "",
                                            .data_dir = config_.data_dir,
                                            .go_on =
                                                [this] {
                                                  notifier_.starting("reading the archive");
                                                  return !end_is_asked();
                                                },
                                            .clock = &clock_,
                                            .random = &random_,
                                            .log = &log_,
                                            .meters = &commits_});
  if (!started || !archivist_) return started;
  for (const auto& loss : content_->archive_losses())
    if (auto& archive = archiving_->store(); !archive.skip(loss.source, loss.head))
      return base::fail("the archive " + db::shown_url(config_.database.archive) +
                        " cannot be written: " + archive.last_error());
  archivist_->start();
  return {};
}

base::Result<void, std::string> Running::open_tls() {
  auto certificate = obtain_certificate(config_);
  if (!certificate) return base::fail(certificate.error());
  certificate_ = std::move(*certificate);
  return {};
}

void Running::build(const std::vector<xmpp::Jid>& made_admins) {
  shards_ = std::make_unique<net::Shards>(shard_count(config_));
  for (std::size_t i = 0; i < shards_->size(); ++i)
    (*shards_)[i].on_slow_iteration([this, i](base::Micros took) {
      log_.debug("slow iteration", {{"shard", std::to_string(i)}, {"us", std::to_string(took)}});
    });
  workers_ = std::make_unique<net::Workers>(worker_threads, worker_queue_max);
  archive_workers_ = std::make_unique<net::Workers>(archive_threads, archive_queue_max);
  credentials_ = std::make_unique<Credentials>(content_->accounts(), *workers_);
  router_ = std::make_unique<bridge::Router>(*shards_, config_.domain);
  tell_about_server(*router_, clock_);
  if (auto form = contact_form(config_))
    router_->iqs().add_form(bridge::Addressee::server, std::move(*form));
  auto admins = admin_jids(config_);
  admins.insert(admins.end(), made_admins.begin(), made_admins.end());
  const muc::ServiceConfig service = lobby(config_, content_->secrets(), std::move(admins));
  door_.emplace(content_->recorder(), archive_policy(), log_);
  if (archivist_)
    archive_mode_.emplace(content_->recorder(), clock_, *door_,
                          [this] { return archivist_->is_behind(); });
  rooms_ = std::make_unique<RoomHost>(
      service,
      RoomHost::Parts{*shards_, *router_, *workers_, content_->recorder(), content_->rooms(),
                      clock_, random_, log_, *door_, archive_workers_.get()});
  if (config_.archive.direct_messages == "recorded") {
    conversations_ = std::make_unique<DirectMessages>(DirectMessages::Parts{
        *shards_, content_->recorder(), *door_, clock_, archives_, content_->secrets().id_key});
    router_->set_conversations(*conversations_);
  }
  router_->add_service(service.domain, service.name, *rooms_);
  people_ = std::make_unique<People>(People::Parts{*shards_, *router_, *workers_,
                                                   content_->recorder(), content_->personal(),
                                                   clock_, log_, config_.domain, archives_});
  if (conversations_)
    mam_ = std::make_unique<Mam>(Mam::Parts{
        *shards_, *router_, *workers_, content_->recorder(), clock_, content_->messages(),
        content_->secrets().id_key, [this] { return administration_->archive_page(); },
        [this](bridge::IqRequest request) { people_->handle(std::move(request)); }});
  c2s_ = std::make_unique<bridge::c2s::Server>(*shards_, *router_, *credentials_, *workers_,
                                               c2s_config(config_, content_->secrets()), log_,
                                               clock_, random_);
  c2s_->set_tls(certificate_->context);
  sessions_ = std::make_unique<SessionRecord>(content_->recorder(), clock_, log_);
  c2s_->set_journal(*sessions_);
  sweeper_ = std::make_unique<Sweeper>((*shards_)[0], *workers_, content_->rooms(), log_,
                                       [this](const xmpp::Jid& room) { rooms_->wake(room); });
  trimmer_ = std::make_unique<Trimmer>(
      (*shards_)[0], *workers_, [this](std::function<void(std::size_t)> tell) {
        rooms_->count([this, tell = std::move(tell)](muc::Service::Counts rooms) {
          tell(rooms.occupants + router_->session_count());
        });
      });
  operation_ = std::make_unique<Operation>(Operation::Parts{config_, *shards_, *workers_, *router_,
                                                            *c2s_, *rooms_, *content_, commits_,
                                                            archivist_, clock_, log_, notifier_});
  operation_->set_certificate(certificate_->info.not_after);
  administration_ = std::make_unique<Administration>(
      Administration::Parts{config_, *shards_, *router_, *c2s_, *rooms_, *workers_, *content_,
                            archivist_, *operation_, archives_, log_, clock_, random_},
      made_admins);
  if (config_.c2s.registration) open_registration();
}

void Running::open_registration() {
  registration_ = std::make_unique<Registration>(Registration::Parts{
      *shards_, *router_, *workers_, content_->recorder(), content_->accounts(), clock_, random_,
      log_, config_.domain, [this] { return administration_->scram_iterations(); },
      administration_->live(), administration_->administrators()});
  registration_->add_rules();
  c2s_->set_registrar(*registration_);
}

// What the operator chose for the time in which the archive cannot follow.
Door::Archive Running::archive_policy() const {
  if (!archivist_) return {};
  return {.refuse_in_trouble = config_.archive.on_outage == "refuse",
          .outbox_limit = config_.archive.outbox_limit,
          .in_trouble = [this] { return archivist_->is_behind(); },
          .outbox_rows = [this] { return content_->outbox_rows(); }};
}

base::Result<void, std::string> Running::listen(const std::vector<std::string>& endpoints,
                                                bool direct_tls) {
  for (const auto& text : endpoints) {
    auto endpoint = net::parse_endpoint(text);
    if (!endpoint) return base::fail(endpoint.error());
    endpoint->option = direct_tls ? "c2s_tls" : "c2s";
    auto listener = net::Listener::open(
        *shards_, *endpoint,
        [this, direct_tls](std::size_t shard, std::unique_ptr<net::Connection> connection) {
          c2s_->accept(shard, std::move(connection), direct_tls);
        });
    if (!listener) return base::fail(listener.error());
    listening_.push_back(text + (direct_tls ? " (clients, TLS)" : " (clients, STARTTLS)"));
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

// For the person at the terminal; the log has its own line.
void Running::announce() const {
  std::string text = "Hansard " + std::string(version) + ", accounts at " + config_.domain +
                     ", rooms at " + first_service(config_) + "\n";
  for (const auto& line : listening_) text += "  listening on " + line + "\n";
  if (certificate_->made_now)
    text +=
        "  made a self-signed certificate; a client will ask whether to trust it:\n    SHA-256 " +
        certificate_->info.sha256_fingerprint + "\n";
  if (archiving_ && archiving_->made_key())
    text += "  made a key for the archive; keep its public half elsewhere, to check by:\n    " +
            archiving_->key_text() + "\n";
  text += "  add a user:  " + own_path() + " user add NAME@" + config_.domain + " -d " +
          config_.data_dir + "\nREADY\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  log_.info("serving", {{"version", std::string(version)},
                        {"domain", config_.domain},
                        {"shards", std::to_string(shards_->size())}});
}

// Rooms are told (332), then streams end (system-shutdown), then all that was said is made durable
// and archived. Each step is bounded; false if one was not through in time.
bool Running::drain() {
  log_.info("stopping");
  notifier_.stopping("telling rooms and clients");
  for (auto& listener : listeners_) listener->close();
  operation_->stop();
  (*shards_)[0].post([this] {
    sweeper_->stop();
    trimmer_->stop();
    if (archive_mode_) archive_mode_->stop();
  });

  auto told = std::make_shared<std::promise<void>>();
  rooms_->shut_down([told] { told->set_value(); });
  bool clean = told->get_future().wait_for(drain_time) == std::future_status::ready;
  if (!clean) log_.error("rooms not told in time that the server stops");

  content_->stop_keeping();
  administration_->stop();  // its commands ask the shards, and may end sessions
  if (conversations_ && !conversations_->drain(direct_time)) {
    log_.error("messages between accounts were still waiting for their record");
    clean = false;
  }
  clean = c2s_->drain(stream_time) && clean;
  (*shards_)[0].post([this] { sessions_->stop(); });
  shards_->stop();
  shards_->join();
  workers_.reset();
  archive_workers_.reset();
  if (!content_->stop_recording(base::seconds(10), "signal")) clean = false;
  if (archivist_) archivist_->stop();
  log_.info("stopped", {{"clean", clean ? "yes" : "no"}});
  return clean;
}

}  // namespace

int serve(const Config& config, base::LogFormat format) {
  block_signals();
  net::ignore_sigpipe();
  net::raise_descriptor_limit();
  const auto level = base::parse_level(config.log_level).value_or(base::Level::info);
  const Notifier notifier = Notifier::from_environment();
  const auto log = base::make_stderr_log(format, level);
  for (const auto& warning : config.warnings) log->warn("configuration", {{"note", warning}});
  if (const auto missing = not_served_yet(config); !missing.empty())
    log->info("configuration", {{"note", missing}});

  Running running(config, *log, notifier);
  if (auto opened = running.open(); !opened) {
    std::fprintf(stderr, "hansard: %s\n", opened.error().c_str());
    running.give_up();
    return exit_failed;
  }
  notifier.ready("serving " + config.domain);
  wait_for_signals([&running] { running.reload(); });
  end_at_next_signal();
  return running.drain() ? exit_done : exit_failed;
}

}  // namespace server
