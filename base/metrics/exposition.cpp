// SPDX-License-Identifier: Apache-2.0
// Prometheus' text format 0.0.4: lines of "name{label="value"} number" behind "# HELP" and "#
// TYPE".
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string_view>

#include "base/check.h"
#include "base/metrics/metrics.h"

namespace base {
namespace {

constexpr double whole_max = 9007199254740992;  // 2^53: up to here every whole number is exact

void add_number(std::string& out, double value) {
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value > 0 ? "+Inf" : "-Inf";
  else if (std::trunc(value) == value && std::abs(value) <= whole_max)
    fmt::format_to(std::back_inserter(out), "{}", static_cast<std::int64_t>(value));
  else
    fmt::format_to(std::back_inserter(out), "{}", value);
}

enum class Quoted { no, yes };

void add_escaped(std::string& out, std::string_view text, Quoted quoted) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quoted == Quoted::yes)
      out += "\\\"";
    else
      out += c;
  }
}

void add_label(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += "=\"";
  add_escaped(out, value, Quoted::yes);
  out += '"';
}

void add_sample(std::string& out, const std::string& name, const std::vector<std::string>& labels,
                const Metrics::Sample& sample) {
  CHECK(labels.size() == sample.labels.size());
  out += name;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    out += i == 0 ? '{' : ',';
    add_label(out, labels[i], sample.labels[i]);
  }
  if (!labels.empty()) out += '}';
  out += ' ';
  add_number(out, sample.value);
  out += '\n';
}

void add_histogram(std::string& out, const std::string& name, const Histogram& histogram) {
  const auto reading = histogram.read();
  for (std::size_t i = 0; i < reading.cumulative.size(); ++i) {
    std::string bound;
    add_number(bound, i < histogram.bounds().size() ? histogram.bounds()[i] : HUGE_VAL);
    add_sample(out, name + "_bucket", {"le"},
               {{std::move(bound)}, static_cast<double>(reading.cumulative[i])});
  }
  add_sample(out, name + "_sum", {}, {{}, reading.sum});
  add_sample(out, name + "_count", {}, {{}, static_cast<double>(reading.cumulative.back())});
}

}  // namespace

std::string Metrics::text() const {
  std::string out;
  for (const Family& family : families_) {
    out += "# HELP " + family.name + ' ';
    add_escaped(out, family.help, Quoted::no);
    out += "\n# TYPE " + family.name + ' ' + family.type + '\n';
    if (family.histogram != nullptr) {
      add_histogram(out, family.name, *family.histogram);
      continue;
    }
    for (const Sample& sample : family.read()) add_sample(out, family.name, family.labels, sample);
  }
  return out;
}

}  // namespace base
