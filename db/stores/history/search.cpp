// SPDX-License-Identifier: Apache-2.0
#include "db/stores/history/search.h"

#include <algorithm>
#include <limits>

namespace db {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

// Were clocks never set back: the first number whose row, or whose next row, is of `at_us` or
// later. If they were, some number such that the row before it is older and its own is not.
std::int64_t find(HistoryPageRows& rows, std::int64_t room_id, const NumberRange& range,
                  std::int64_t at_us) {
  std::int64_t low = range.after + 1, high = range.before;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    auto& row = rows.row_from.row;
    row.room_id = room_id;
    row.from = middle;
    if (rows.row_from.one() && row.number < high && row.at_us < at_us)
      low = row.number + 1;
    else
      high = middle;
  }
  return low;
}

std::int64_t setback(HistoryPageRows& rows, std::int64_t room_id) {
  rows.setback.row.room_id = room_id;
  return rows.setback.one() ? rows.setback.row.us : 0;
}

// Takes off both ends what no row is in.
NumberRange within_rows(HistoryPageRows& rows, std::int64_t room_id, NumberRange range) {
  auto& first = rows.row_from.row;
  first.room_id = room_id;
  first.from = range.after < most ? range.after + 1 : most;
  rows.last_row.row.room_id = room_id;
  if (!rows.row_from.one() || !rows.last_row.one()) return {range.after, range.after};
  return {std::max(range.after, first.number - 1),
          std::min(range.before, rows.last_row.row.number + 1)};
}

}  // namespace

NumberRange narrow(HistoryPageRows& rows, std::int64_t room_id, NumberRange range, base::Time start,
                   base::Time end) {
  range = within_rows(rows, room_id, range);
  if (start > end) return {range.after, range.after};
  if (range.empty() || (start.us == least && end.us == most)) return range;
  const std::int64_t back = setback(rows, room_id);
  if (start.us > least + back) range.after = find(rows, room_id, range, start.us - back) - 1;
  if (end.us < most - back - 1 && !range.empty())
    range.before = find(rows, room_id, range, end.us + back + 1);
  return range;
}

}  // namespace db
