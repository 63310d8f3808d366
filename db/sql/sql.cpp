// SPDX-License-Identifier: Apache-2.0
#include "db/sql/sql.h"

#include <fcntl.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>

namespace db {
namespace {

constexpr int primary_code_mask = 0xff;

template <class F>
auto translated(F&& act) -> decltype(act()) {
  try {
    return act();
  } catch (const soci::sqlite3_soci_error& error) {
    throw DatabaseError(error.get_error_message(),
                        (error.result() & primary_code_mask) == SQLITE_CONSTRAINT);
  } catch (const soci::soci_error& error) {
    throw DatabaseError(error.get_error_message());
  }
}

// SQLite gives its log and shared-memory files the permissions of the database.
void make_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw DatabaseError(path + " cannot be opened: " + std::strerror(errno));
  ::close(fd);
}

}  // namespace

struct Session::Impl {
  explicit Impl(const std::string& path)
      : session(soci::sqlite3, "timeout=1 dbname=\"" + path + "\"") {}
  sqlite_api::sqlite3* handle() {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
  }
  soci::session session;
};

Session::Session(const std::string& path, Durability durability) {
  if (durability == Durability::full)
    make_private_file(path);
  else if (::access(path.c_str(), R_OK) != 0)
    throw DatabaseError(path + " cannot be read: " + std::strerror(errno));
  translated([&] { impl_ = std::make_unique<Impl>(path); });
  script(durability == Durability::full
             ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-8192;"
             : "PRAGMA query_only=ON; PRAGMA cache_size=-4096;");
}

Session::~Session() = default;

void Session::script(const char* sql) {
  const int result = sqlite_api::sqlite3_exec(impl_->handle(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK)
    throw DatabaseError(sqlite_api::sqlite3_errmsg(impl_->handle()),
                        (result & primary_code_mask) == SQLITE_CONSTRAINT);
}

void Session::rollback() noexcept {
  (void)sqlite_api::sqlite3_exec(impl_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

struct Statement::Impl {
  explicit Impl(soci::session& session) : statement(session) { statement.alloc(); }

  // A value that may be NULL: SOCI wants an indicator beside it.
  struct Presence {
    const bool* present;
    soci::indicator indicator;
  };
  bool execute() {
    for (auto& p : presences) p.indicator = *p.present ? soci::i_ok : soci::i_null;
    return statement.execute(true);
  }
  std::deque<Presence> presences;
  soci::statement statement;
};

Statement::Statement(Session& session)
    : impl_(translated([&] { return std::make_unique<Impl>(session.impl_->session); })) {}

Statement::~Statement() = default;

Statement& Statement::use(const std::int64_t& value) {
  impl_->statement.exchange(soci::use(value));
  return *this;
}
Statement& Statement::use(const int& value) {
  impl_->statement.exchange(soci::use(value));
  return *this;
}
Statement& Statement::use(const std::string& value) {
  impl_->statement.exchange(soci::use(value));
  return *this;
}
Statement& Statement::use(const std::int64_t& value, const bool& present) {
  auto& presence = impl_->presences.emplace_back(Impl::Presence{&present, soci::i_null});
  impl_->statement.exchange(soci::use(value, presence.indicator));
  return *this;
}
Statement& Statement::into(std::int64_t& value) {
  impl_->statement.exchange(soci::into(value));
  return *this;
}
Statement& Statement::into(int& value) {
  impl_->statement.exchange(soci::into(value));
  return *this;
}
Statement& Statement::into(std::string& value) {
  impl_->statement.exchange(soci::into(value));
  return *this;
}

Statement& Statement::prepare(const char* sql) {
  translated([&] {
    impl_->statement.prepare(sql);
    impl_->statement.define_and_bind();
  });
  return *this;
}

long long Statement::run() {
  return translated([&] {
    impl_->execute();
    return impl_->statement.get_affected_rows();
  });
}

bool Statement::first() {
  return translated([&] { return impl_->execute(); });
}

bool Statement::next() {
  return translated([&] { return impl_->statement.fetch(); });
}

bool Statement::one() {
  if (!first()) return false;
  while (next()) {
  }
  return true;
}

}  // namespace db
