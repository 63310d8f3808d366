// SPDX-License-Identifier: Apache-2.0
// Who is inside: a batch's entries and leaves. For derive.cpp.
#pragma once

#include <string>
#include <unordered_set>

#include "db/writer/batched.h"
#include "db/writer/derive/rows.h"

namespace db {

// Each stay once in what is gathered: what comes later for the same stay waits until the
// rows before are in the database.
struct StayRows {
  explicit StayRows(Session& s) : put(s), remove(s), gather(s.dialect() == Dialect::postgres) {}

  void run_put() {
    once(put.row.room_id, put.row.jid, put.row.session);
    put.run();
  }
  void run_remove() {
    once(remove.row.room_id, remove.row.jid, remove.row.session);
    remove.run();
  }
  void flush() {
    put.flush();
    remove.flush();
    seen.clear();
  }
  void discard() noexcept {
    put.discard();
    remove.discard();
    seen.clear();
  }

  Batched<rows::PutOccupancy> put;
  Batched<rows::DeleteOccupancy> remove;

 private:
  void once(std::int64_t room_id, const std::string& jid, const std::string& session) {
    if (!gather) return;
    const std::string stay = std::to_string(room_id) + '\n' + jid + '\n' + session;
    if (seen.contains(stay)) flush();
    seen.insert(stay);
  }
  const bool gather;
  std::unordered_set<std::string> seen;
};

}  // namespace db
