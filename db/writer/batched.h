// SPDX-License-Identifier: Apache-2.0
// Batched<Row>: a statement that most events run. SQLite runs it at once, for a call costs next to
// nothing there; PostgreSQL gathers the rows and sends them as one statement with an array for each
// column, since each statement is a journey to the server. For the writer.
//
// A `Row` has besides sql and bind():
//   width, many_sql   as many parameters, all arrays
//   columns(f)        calls f with each parameter, in the order of both texts
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "db/postgres/array.h"
#include "db/sql/sql.h"

namespace db {

template <class Row>
class Batched {
 public:
  explicit Batched(Session& session)
      : one_(session.dialect() == Dialect::sqlite ? std::make_unique<Prepared<Row>>(session)
                                                  : nullptr),
        many_(one_ ? nullptr : std::make_unique<Prepared<Many>>(session)),
        row(one_ ? one_->row : own_) {}
  Batched(const Batched&) = delete;
  Batched& operator=(const Batched&) = delete;

  bool gathers() const { return many_ != nullptr; }
  // Of `row`. Gives the rows changed, 1 where that is known at the flush. Throws DatabaseError, on
  // PostgreSQL not before flush().
  long long run() {
    if (one_) return one_->run();
    auto column = many_->row.columns.begin();
    row.columns([&](const auto& value) { (column++)->add(value); });
    ++waiting_;
    return 1;
  }
  // Gives the rows changed by those that waited.
  long long flush() {
    if (waiting_ == 0) return 0;
    for (auto& column : many_->row.columns) column.close();
    struct Emptied {
      Batched& of;
      ~Emptied() { of.discard(); }
    } emptied{*this};
    return many_->run();
  }
  void discard() {
    if (!many_) return;
    for (auto& column : many_->row.columns) column.clear();
    waiting_ = 0;
  }

 private:
  struct Many {
    std::array<postgres::Array, Row::width> columns;
    static constexpr const char* sql = Row::many_sql;
    void bind(Statement& s) {
      for (auto& column : columns) s.use(column.text());
    }
  };
  Row own_;
  const std::unique_ptr<Prepared<Row>> one_;
  const std::unique_ptr<Prepared<Many>> many_;
  std::size_t waiting_ = 0;

 public:
  Row& row;
};

}  // namespace db
