// SPDX-License-Identifier: Apache-2.0
#include "xmpp/datetime.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace xmpp {
namespace {

constexpr base::Micros day = base::seconds(86400);

// Proleptic Gregorian calendar; <chrono> has it, only not the formatting (g++ 12).
base::Time start_of(std::chrono::year_month_day date) {
  return {std::chrono::sys_days(date).time_since_epoch().count() * day};
}

const base::Time first =
    start_of({std::chrono::year{1}, std::chrono::January, std::chrono::day{1}});
const base::Time last =
    start_of({std::chrono::year{10000}, std::chrono::January, std::chrono::day{1}}) - 1;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // Exactly `count` digits with a value in [low, high].
  int number(std::size_t count, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!at_digit()) return fail();
      value = 10 * value + digit();
    }
    return value < low || value > high ? fail() : value;
  }
  void literal(char c) {
    if (!skip(c)) fail();
  }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // One digit or more after the point; what is finer than a microsecond is cut off.
  base::Micros fraction() {
    if (!at_digit()) return fail();
    base::Micros value = 0;
    for (base::Micros unit = 100000; at_digit(); unit /= 10) value += unit * digit();
    return value;
  }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

 private:
  bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  int digit() {
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }
  int fail() {
    good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

// "Z" or "+hh:mm", at most 14 hours as in XML Schema.
base::Micros zone(Reader& in) {
  if (in.skip('Z')) return 0;
  const bool west = in.skip('-');
  if (!west) in.literal('+');
  const int hours = in.number(2, 0, 14);
  in.literal(':');
  const int minutes = in.number(2, 0, hours == 14 ? 0 : 59);
  const base::Micros offset = base::minutes(60 * hours + minutes);
  return west ? -offset : offset;
}

}  // namespace

std::string format_datetime(base::Time time) {
  time = std::clamp(time, first, last);
  base::Micros in_day = time.us % day;
  if (in_day < 0) in_day += day;
  const std::chrono::sys_days days{std::chrono::days{(time.us - in_day) / day}};
  const std::chrono::year_month_day date{days};
  const base::Micros us = in_day % base::seconds(1);
  const auto second = in_day / base::seconds(1);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  second / 3600, second / 60 % 60, second % 60);
  if (us != 0) text += fmt::format(".{:06}", us);
  text += 'Z';
  return text;
}

std::optional<base::Time> parse_datetime(std::string_view text) {
  Reader in(text);
  const int year = in.number(4, 1, 9999);
  in.literal('-');
  const int month = in.number(2, 1, 12);
  in.literal('-');
  const int day_of_month = in.number(2, 1, 31);
  in.literal('T');
  base::Micros in_day = base::minutes(60 * in.number(2, 0, 23));
  in.literal(':');
  in_day += base::minutes(in.number(2, 0, 59));
  in.literal(':');
  in_day += base::seconds(in.number(2, 0, 59));
  if (in.skip('.')) in_day += in.fraction();
  const base::Micros east = zone(in);
  if (!in.good() || !in.at_end()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day_of_month)}};
  if (!date.ok()) return std::nullopt;
  const base::Time time = start_of(date) + in_day - east;
  if (time < first || time > last) return std::nullopt;
  return time;
}

}  // namespace xmpp
