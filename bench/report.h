// SPDX-License-Identifier: Apache-2.0
// Report: the figures of a run, with their targets: a table for people, one JSON object for
// programs.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/checker.h"

namespace bench {

struct Figure {
  std::string scenario;  // "fanout"
  std::string what;      // "server CPU per delivery / bare loop"
  double measured = 0;
  std::string unit;  // "", "s", "MiB" …
  enum class Target { none, at_most, at_least } target = Target::none;
  double limit = 0;
  double floor = -std::numeric_limits<double>::infinity();  // at_most: less cannot be true

  // What is no number meets no target.
  bool missed() const {
    if (target == Target::none) return false;
    return !std::isfinite(measured) ||
           (target == Target::at_most ? measured > limit || measured < floor : measured < limit);
  }
};

// The p-th part (0 … 1) of the values from below. Throws Failed if there are none.
double quantile(std::vector<double> values, double p);

class Report {
 public:
  // `metered`: the server's process is known. If it is not, figures that are NaN are left out, see
  // ProcessMeter; if it is, they are faults of the measurement and miss any target.
  explicit Report(bool metered) : metered_(metered) {}

  void note(std::string text) { notes_.push_back(std::move(text)); }
  void info(std::string scenario, std::string what, double measured, std::string unit);
  void at_most(std::string scenario, std::string what, double measured, std::string unit,
               double limit, double floor = -std::numeric_limits<double>::infinity());
  void at_least(std::string scenario, std::string what, double measured, std::string unit,
                double limit);
  // Exactly once and in order, for all messages of a scenario.
  void check(std::string scenario, const Verdict& verdict);

  // That something is as it must be, or is not.
  void proof(std::string scenario, std::string what, bool holds);
  void not_offered(std::string scenario, std::string why);

  // No target missed, every check clean, every proof holds, and the server has all of it.
  bool passed() const;
  std::string table() const;
  std::string json() const;

 private:
  struct Check {
    std::string scenario;
    Verdict verdict;
  };
  struct Statement {
    std::string scenario, what;
    bool holds = false;
  };
  void add(Figure figure);

  bool metered_;
  std::vector<Figure> figures_;
  std::vector<Statement> proofs_, missing_;
  std::size_t unknown_ = 0;  // figures left out
  std::vector<Check> checks_;
  std::vector<std::string> notes_;
};

}  // namespace bench
