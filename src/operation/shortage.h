// SPDX-License-Identifier: Apache-2.0
// Shortage: whether there is too little left of something, without going to and fro around a
// threshold: a severity that was reached is left only some way above it.
#pragma once

namespace server {

enum class Severity { none, warning, error };

class Shortage {
 public:
  struct Thresholds {
    double warning = 0, error = 0;  // reached at or below; error ≤ warning
    double slack = 0;               // left above (1 + slack) times it
  };

  Severity update(double left, const Thresholds& thresholds) {
    const auto within = [&](Severity severity, double threshold) {
      return left <= threshold ||
             (severity_ >= severity && left <= threshold * (1 + thresholds.slack));
    };
    if (within(Severity::error, thresholds.error))
      severity_ = Severity::error;
    else if (within(Severity::warning, thresholds.warning))
      severity_ = Severity::warning;
    else
      severity_ = Severity::none;
    return severity_;
  }
  Severity severity() const { return severity_; }

 private:
  Severity severity_ = Severity::none;
};

}  // namespace server
