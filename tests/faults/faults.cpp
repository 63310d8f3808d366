// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/faults.h"

#include <condition_variable>
#include <mutex>
#include <unordered_map>

#include "db/sql/sql.h"

namespace tests::faults {
namespace {

// The next attempt, which begins with a connection, finds the database away as well.
constexpr int away_calls = 1;

struct State {
  std::mutex mutex;
  std::condition_variable changed;
  bool armed = false;
  Kind kind = Kind::before;
  int left = 0;     // calls until the one that goes wrong
  int failing = 0;  // calls after it that do, too
  bool has_struck = false, held = false;
  std::set<std::string> struck;
  std::unordered_map<const db::Statement*, std::string> texts;
};
State& state() {
  static State all;
  return all;
}

std::string first_words(const std::string& sql) {
  std::size_t end = 0;
  for (int words = 0; words < 3 && end != std::string::npos; ++words)
    end = sql.find_first_of(" (", sql.find_first_not_of(" (", end));
  return sql.substr(0, end);
}

enum class Fault { none, before, after, late };

Fault next(const std::string& what) {
  const std::lock_guard lock(state().mutex);
  State& s = state();
  if (!s.armed) return Fault::none;
  if (s.failing > 0) {
    --s.failing;
    s.struck.insert(what);
    return Fault::before;
  }
  if (s.has_struck || --s.left > 0) return Fault::none;
  s.has_struck = true;
  s.struck.insert(what);
  switch (s.kind) {
    case Kind::before:
      return Fault::before;
    case Kind::after:
      return Fault::after;
    case Kind::away:
      s.failing = away_calls;
      return Fault::before;
    case Kind::late:
      return Fault::late;
  }
  return Fault::none;
}

void hold() {
  std::unique_lock lock(state().mutex);
  state().held = true;
  state().changed.wait(lock, [] { return !state().held; });
}

template <class F>
auto counted(const std::string& what, F&& act) -> decltype(act()) {
  const Fault fault = next(what);
  if (fault == Fault::before) throw db::DatabaseError("a test's fault, before");
  if constexpr (std::is_void_v<decltype(act())>) {
    act();
    if (fault == Fault::after) throw db::DatabaseError("a test's fault, after");
    if (fault == Fault::late) hold();
  } else {
    auto done = act();
    if (fault == Fault::after) throw db::DatabaseError("a test's fault, after");
    if (fault == Fault::late) hold();
    return done;
  }
}

std::string text_of(const db::Statement* statement) {
  const std::lock_guard lock(state().mutex);
  return state().texts[statement];
}

}  // namespace

void arm(Kind kind, int nth) {
  const std::lock_guard lock(state().mutex);
  State& s = state();
  s.armed = true;
  s.kind = kind;
  s.left = nth;
  s.failing = 0;
  s.has_struck = false;
}

void forget_struck() {
  const std::lock_guard lock(state().mutex);
  state().struck.clear();
}

bool disarm() {
  const std::lock_guard lock(state().mutex);
  state().armed = false;
  return state().has_struck;
}

bool waiting() {
  const std::lock_guard lock(state().mutex);
  return state().held;
}

void let_through() {
  const std::lock_guard lock(state().mutex);
  state().held = false;
  state().changed.notify_all();
}

std::set<std::string> struck() {
  const std::lock_guard lock(state().mutex);
  return state().struck;
}

// __real_X is what X was, __wrap_X what is called in its place.
#define SYMBOL(real_or_wrap, name) asm("__" #real_or_wrap "_" #name)

long long real_run(db::Statement*) SYMBOL(real, _ZN2db9Statement3runEv);
long long wrap_run(db::Statement*) SYMBOL(wrap, _ZN2db9Statement3runEv);
long long wrap_run(db::Statement* s) {
  return counted(text_of(s), [&] { return real_run(s); });
}

bool real_one(db::Statement*) SYMBOL(real, _ZN2db9Statement3oneEv);
bool wrap_one(db::Statement*) SYMBOL(wrap, _ZN2db9Statement3oneEv);
bool wrap_one(db::Statement* s) {
  return counted(text_of(s), [&] { return real_one(s); });
}

bool real_first(db::Statement*) SYMBOL(real, _ZN2db9Statement5firstEv);
bool wrap_first(db::Statement*) SYMBOL(wrap, _ZN2db9Statement5firstEv);
bool wrap_first(db::Statement* s) {
  return counted(text_of(s), [&] { return real_first(s); });
}

bool real_next(db::Statement*) SYMBOL(real, _ZN2db9Statement4nextEv);
bool wrap_next(db::Statement*) SYMBOL(wrap, _ZN2db9Statement4nextEv);
bool wrap_next(db::Statement* s) {
  return counted(text_of(s), [&] { return real_next(s); });
}

db::Statement& real_prepare(db::Statement*, const char*) SYMBOL(real, _ZN2db9Statement7prepareEPKc);
db::Statement& wrap_prepare(db::Statement*, const char*) SYMBOL(wrap, _ZN2db9Statement7prepareEPKc);
db::Statement& wrap_prepare(db::Statement* s, const char* sql) {
  {
    const std::lock_guard lock(state().mutex);
    state().texts[s] = first_words(sql);
  }
  return *counted("prepare", [&] { return &real_prepare(s, sql); });
}

void real_script(db::Session*, const char*) SYMBOL(real, _ZN2db7Session6scriptEPKc);
void wrap_script(db::Session*, const char*) SYMBOL(wrap, _ZN2db7Session6scriptEPKc);
void wrap_script(db::Session* s, const char* sql) {
  counted(first_words(sql), [&] { real_script(s, sql); });
}

void real_connect(db::Session*, const db::Target&, db::Session::Use)
    SYMBOL(real, _ZN2db7SessionC1ERKNS_6TargetENS0_3UseE);
void wrap_connect(db::Session*, const db::Target&, db::Session::Use)
    SYMBOL(wrap, _ZN2db7SessionC1ERKNS_6TargetENS0_3UseE);
// An error after it would leave a connection that nobody closes: there is no such thing.
void wrap_connect(db::Session* s, const db::Target& target, db::Session::Use use) {
  if (next("connect") != Fault::none) throw db::DatabaseError("a test's fault, no connection");
  real_connect(s, target, use);
}

void real_begin(db::Transaction*, db::Session&, db::TransactionKind)
    SYMBOL(real, _ZN2db11TransactionC1ERNS_7SessionENS_15TransactionKindE);
void wrap_begin(db::Transaction*, db::Session&, db::TransactionKind)
    SYMBOL(wrap, _ZN2db11TransactionC1ERNS_7SessionENS_15TransactionKindE);
// The same here: the transaction would be nobody's.
void wrap_begin(db::Transaction* t, db::Session& session, db::TransactionKind kind) {
  const Fault fault = next("BEGIN");
  if (fault == Fault::before || fault == Fault::after)
    throw db::DatabaseError("a test's fault, no transaction");
  real_begin(t, session, kind);
  if (fault == Fault::late) hold();
}

void real_commit(db::Transaction*) SYMBOL(real, _ZN2db11Transaction6commitEv);
void wrap_commit(db::Transaction*) SYMBOL(wrap, _ZN2db11Transaction6commitEv);
void wrap_commit(db::Transaction* t) {
  counted("COMMIT", [&] { real_commit(t); });
}

}  // namespace tests::faults
