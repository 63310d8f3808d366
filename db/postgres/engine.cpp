// SPDX-License-Identifier: Apache-2.0
#include "db/sql/engine.h"

#include <soci/postgresql/soci-postgresql.h>
#include <sys/socket.h>

#include <mutex>
#include <string_view>

#include "db/postgres/watch.h"

namespace db {
namespace {

// PostgreSQL's classes of errors (Appendix A) that are about a row and not about the database.
bool refused_row(std::string_view sqlstate) {
  const auto in = [&](std::string_view cls) { return sqlstate.starts_with(cls); };
  return in("22") || in("23") || in("54");
}

// Messages of libpq have several lines, some of them indented.
std::string sentence(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\t' || c == ' ';
    if (!space) out += c;
    if (space && !out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

class PostgresEngine final : public Engine, public postgres::Watch::Watched {
 public:
  explicit PostgresEngine(const std::string& conninfo) : session_(soci::postgresql, conninfo) {
    PQsetNoticeReceiver(handle(), &PostgresEngine::notice, this);
    // Details quote the values of rows, which are no business of a log.
    PQsetErrorVerbosity(handle(), PQERRORS_TERSE);
    socket_ = PQsocket(handle());
    watch_->add(*this);
  }
  ~PostgresEngine() override {
    watch_->remove(*this);
    // From here on the number may be somebody else's descriptor.
    const std::lock_guard lock(mutex_);
    socket_ = -1;
  }

  soci::session& soci() override { return session_; }

  // As long as it takes: migrations come this way.
  void script(const char* sql) override { (void)run(sql); }

  void begin_wait() noexcept override {
    if (!patient_) Watched::begin_wait();
  }
  void end_wait() noexcept override { Watched::end_wait(); }
  void be_patient() override {
    {
      const Waiting waiting(*this);
      script("SET statement_timeout = 0");
    }
    patient_ = true;
  }

  void begin(TransactionKind kind) override {
    const Waiting waiting(*this);
    script(kind == TransactionKind::write ? "BEGIN"
                                          : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }
  // A COMMIT of a transaction that has failed is answered by ROLLBACK, without an error. One that
  // comes with a warning may be in the primary alone: whoever waited for the replica was made to
  // give up. Asking for its outcome waits for the replica anew, as that transaction writes too.
  void commit() override {
    warned_ = false;
    const Waiting waiting(*this);
    if (run("COMMIT") != "COMMIT") throw DatabaseError("the database rolled back instead");
    if (warned_) throw DatabaseError("the database warned that the replica may not have it");
  }
  void rollback() noexcept override {
    const Waiting waiting(*this);
    PQclear(PQexec(handle(), "ROLLBACK"));
  }

  // libpq has no time-outs of its own for an answer; a connection that is shut down is one that the
  // server closed.
  void interrupt() noexcept override {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) (void)::shutdown(socket_, SHUT_RDWR);
  }

  DatabaseError translate(const soci::soci_error& error) const override {
    const auto* own = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    return DatabaseError(sentence(error.get_error_message()),
                         own != nullptr && refused_row(own->sqlstate()));
  }

  // SOCI and libpq take texts for C strings: what follows would be lost without a word.
  bool storable(const std::string& text) const override {
    return text.find('\0') == std::string::npos;
  }

 private:
  PGconn* handle() {
    return static_cast<soci::postgresql_session_backend*>(session_.get_backend())->conn_;
  }
  // Gives the command's tag.
  std::string run(const char* sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(handle(), sql), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return PQcmdStatus(result.get());
    const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    throw DatabaseError(sentence(PQerrorMessage(handle())),
                        sqlstate != nullptr && refused_row(sqlstate));
  }

  static void notice(void* self, const PGresult* result) {
    const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != nullptr && std::string_view(severity) == "WARNING")
      static_cast<PostgresEngine*>(self)->warned_ = true;
  }

  const std::shared_ptr<postgres::Watch> watch_ = postgres::Watch::of_process();
  bool warned_ = false;
  bool patient_ = false;
  soci::session session_;
  std::mutex mutex_;  // over socket_
  int socket_ = -1;
};

// A server that answers COMMIT before the disk has it would make us show what may be lost. Locks of
// a connection whose client is gone must not outlive it for hours, and statements as short as ours
// gain nothing from being compiled. The rest may be otherwise for the role, the database or by the
// URL's options, and we rely on it: a migration takes its time, a connection waits for its next
// use.
constexpr const char* full_settings =
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off';"
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    "SET tcp_user_timeout = 10000; SET client_connection_check_interval = 2000;"
    "SET idle_in_transaction_session_timeout = 30000; SET jit = off;"
    "SET idle_session_timeout = 0; SET statement_timeout = 0;"
    "SET default_transaction_isolation = 'read committed'";
constexpr const char* reader_settings =
    "SET default_transaction_read_only = on; SET statement_timeout = 10000; SET jit = off;"
    "SET idle_session_timeout = 0";

}  // namespace

std::unique_ptr<Engine> open_postgres(const Target& target, Session::Use use) {
  std::unique_ptr<PostgresEngine> engine;
  try {
    engine = std::make_unique<PostgresEngine>(target.where);
  } catch (const soci::soci_error& error) {
    throw DatabaseError(sentence(error.get_error_message()));
  }
  const Waiting waiting(*engine);
  engine->script(use == Session::Use::full ? full_settings : reader_settings);
  return engine;
}

}  // namespace db
