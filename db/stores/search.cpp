// SPDX-License-Identifier: Apache-2.0
#include "db/stores/search.h"

#include <algorithm>
#include <limits>

namespace db {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

// `Rows` has row_from, last_row and setback, whose rows are `of` a room or a person.
template <class Rows, class Key>
class Search {
 public:
  Search(Rows& rows, const Key& key) : rows_(rows) {
    rows_.row_from.row.of = rows_.last_row.row.of = rows_.setback.row.of = key;
  }

  NumberRange narrow(NumberRange range, base::Time start, base::Time end) {
    range = within_rows(range);
    if (start > end) return {range.after, range.after};
    if (range.empty() || (start.us == least && end.us == most)) return range;
    const std::int64_t back = rows_.setback.one() ? rows_.setback.row.us : 0;
    if (start.us > least + back) range.after = find(range, start.us - back) - 1;
    if (end.us < most - back - 1 && !range.empty()) range.before = find(range, end.us + back + 1);
    return range;
  }

 private:
  // Were clocks never set back: the first number whose row, or whose next row, is of `at_us` or
  // later. If they were, some number such that the row before it is older and its own is not.
  std::int64_t find(const NumberRange& range, std::int64_t at_us) {
    std::int64_t low = range.after + 1, high = range.before;
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      auto& row = rows_.row_from.row;
      row.from = middle;
      if (rows_.row_from.one() && row.number < high && row.at_us < at_us)
        low = row.number + 1;
      else
        high = middle;
    }
    return low;
  }

  // Takes off both ends what no row is in.
  NumberRange within_rows(NumberRange range) {
    auto& first = rows_.row_from.row;
    first.from = range.after < most ? range.after + 1 : most;
    if (!rows_.row_from.one() || !rows_.last_row.one()) return {range.after, range.after};
    return {std::max(range.after, first.number - 1),
            std::min(range.before, rows_.last_row.row.number + 1)};
  }

  Rows& rows_;
};

}  // namespace

NumberRange narrow(HistoryPageRows& rows, std::int64_t room_id, NumberRange range, base::Time start,
                   base::Time end) {
  return Search(rows, room_id).narrow(range, start, end);
}

NumberRange narrow(MessageArchiveRows& rows, const std::string& localpart, NumberRange range,
                   base::Time start, base::Time end) {
  return Search(rows, localpart).narrow(range, start, end);
}

}  // namespace db
