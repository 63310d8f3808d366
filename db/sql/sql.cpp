// SPDX-License-Identifier: Apache-2.0
#include "db/sql/sql.h"

#include <deque>
#include <vector>

#include "db/sql/engine.h"

namespace db {
namespace {

template <class F>
auto translated(const Engine& engine, F&& act) -> decltype(act()) {
  try {
    return act();
  } catch (const soci::soci_error& error) {
    throw engine.translate(error);
  }
}

}  // namespace

Session::Session(const Target& target, Use use)
    : dialect_(target.dialect),
      engine_(dialect_ == Dialect::sqlite ? open_sqlite(target, use) : open_postgres(target, use)) {
}

Session::~Session() = default;

void Session::script(const char* sql) { engine_->script(sql); }

void Session::interrupt() noexcept { engine_->interrupt(); }

void Session::be_patient() { engine_->be_patient(); }

Transaction::Transaction(Session& session, Kind kind) : session_(session) {
  session_.engine_->begin(kind);
}

Transaction::~Transaction() {
  if (open_) session_.engine_->rollback();
}

void Transaction::commit() {
  session_.engine_->commit();
  open_ = false;
}

struct Statement::Impl {
  explicit Impl(Engine& of) : engine(of), statement(of.soci()) { statement.alloc(); }

  // A value that may be NULL: SOCI wants an indicator beside it.
  struct Presence {
    const bool* present;
    soci::indicator indicator;
  };
  bool execute() {
    for (const auto* text : texts)
      if (!engine.storable(*text)) throw DatabaseError("a text that cannot be stored", true);
    for (auto& p : presences) p.indicator = *p.present ? soci::i_ok : soci::i_null;
    const Waiting waiting(engine);
    return statement.execute(true);
  }
  Engine& engine;
  std::deque<Presence> presences;
  std::vector<const std::string*> texts;
  soci::statement statement;
};

Statement::Statement(Session& session)
    : impl_(
          translated(*session.engine_, [&] { return std::make_unique<Impl>(*session.engine_); })) {}

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
  impl_->texts.push_back(&value);
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
  translated(impl_->engine, [&] {
    const Waiting waiting(impl_->engine);
    impl_->statement.prepare(sql);
    impl_->statement.define_and_bind();
  });
  return *this;
}

long long Statement::run() {
  return translated(impl_->engine, [&] {
    impl_->execute();
    return impl_->statement.get_affected_rows();
  });
}

bool Statement::first() {
  return translated(impl_->engine, [&] { return impl_->execute(); });
}

bool Statement::next() {
  return translated(impl_->engine, [&] { return impl_->statement.fetch(); });
}

bool Statement::one() {
  if (!first()) return false;
  while (next()) {
  }
  return true;
}

}  // namespace db
