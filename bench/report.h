// SPDX-License-Identifier: Apache-2.0
// Report: the figures of a run, with their targets: a table for people, one JSON object for
// programs.
#pragma once

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

  bool missed() const {
    return (target == Target::at_most && measured > limit) ||
           (target == Target::at_least && measured < limit);
  }
};

class Report {
 public:
  void note(std::string text) { notes_.push_back(std::move(text)); }
  // A figure that is NaN is left out: see ProcessMeter.
  void info(std::string scenario, std::string what, double measured, std::string unit);
  void at_most(std::string scenario, std::string what, double measured, std::string unit,
               double limit);
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

  std::vector<Figure> figures_;
  std::vector<Statement> proofs_, missing_;
  std::size_t unknown_ = 0;  // figures that were no number
  std::vector<Check> checks_;
  std::vector<std::string> notes_;
};

}  // namespace bench
