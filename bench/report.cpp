// SPDX-License-Identifier: Apache-2.0
#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/cpu.h"

namespace bench {
namespace {

std::string number(double value) {
  if (value >= 1000) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}", value, value >= 100 ? 1 : 2);
}

std::string target_text(const Figure& figure) {
  if (figure.target == Figure::Target::none) return "";
  return fmt::format("{} {} {}", figure.target == Figure::Target::at_most ? "≤" : "≥",
                     number(figure.limit), figure.unit);
}

std::string result_text(const Figure& figure) {
  if (figure.target == Figure::Target::none) return "";
  return figure.missed() ? "MISSED" : "pass";
}

std::string check_text(const Verdict& v) {
  if (v.clean())
    return fmt::format("{} sent, {} deliveries: exactly once, in order", v.sent, v.received);
  return fmt::format(
      "{} sent, {} deliveries: {} lost, {} doubled, {} alien, {} reordered, {} refused: {}", v.sent,
      v.received, v.lost, v.doubled, v.alien, v.reordered, v.refused, v.first_fault);
}

nlohmann::ordered_json to_json(const Figure& figure) {
  nlohmann::ordered_json json{{"scenario", figure.scenario},
                              {"figure", figure.what},
                              {"unit", figure.unit},
                              {"measured", figure.measured}};
  if (figure.target == Figure::Target::none) return json;
  json[figure.target == Figure::Target::at_most ? "at_most" : "at_least"] = figure.limit;
  json["pass"] = !figure.missed();
  return json;
}

nlohmann::ordered_json to_json(const std::string& scenario, const Verdict& v) {
  return {{"scenario", scenario},     {"sent", v.sent},
          {"received", v.received},   {"lost", v.lost},
          {"doubled", v.doubled},     {"alien", v.alien},
          {"reordered", v.reordered}, {"refused", v.refused},
          {"pass", v.clean()},        {"first_fault", v.first_fault}};
}

}  // namespace

void Report::info(std::string scenario, std::string what, double measured, std::string unit) {
  figures_.push_back({std::move(scenario), std::move(what), measured, std::move(unit)});
}

void Report::at_most(std::string scenario, std::string what, double measured, std::string unit,
                     double limit) {
  figures_.push_back({std::move(scenario), std::move(what), measured, std::move(unit),
                      Figure::Target::at_most, limit});
}

void Report::at_least(std::string scenario, std::string what, double measured, std::string unit,
                      double limit) {
  figures_.push_back({std::move(scenario), std::move(what), measured, std::move(unit),
                      Figure::Target::at_least, limit});
}

void Report::check(std::string scenario, const Verdict& verdict) {
  checks_.push_back({std::move(scenario), verdict});
}

bool Report::passed() const {
  return std::none_of(figures_.begin(), figures_.end(),
                      [](const Figure& f) { return f.missed(); }) &&
         std::all_of(checks_.begin(), checks_.end(),
                     [](const Check& c) { return c.verdict.clean(); });
}

std::string Report::table() const {
  std::string out = describe_machine() + "\n";
  for (const auto& note : notes_) out += note + "\n";
  out += fmt::format("\n{:<9} {:<58} {:>14} {:>16}  {}\n", "scenario", "figure", "target",
                     "measured", "");
  for (const auto& f : figures_)
    out += fmt::format("{:<9} {:<58} {:>14} {:>16}  {}\n", f.scenario, f.what, target_text(f),
                       fmt::format("{} {}", number(f.measured), f.unit), result_text(f));
  for (const auto& c : checks_)
    out += fmt::format("{:<9} {}  {}\n", c.scenario, check_text(c.verdict),
                       c.verdict.clean() ? "pass" : "FAILED");
  return out;
}

std::string Report::json() const {
  nlohmann::ordered_json json{
      {"machine", describe_machine()}, {"notes", notes_}, {"pass", passed()}};
  json["figures"] = nlohmann::ordered_json::array();
  for (const auto& figure : figures_) json["figures"].push_back(to_json(figure));
  json["checks"] = nlohmann::ordered_json::array();
  for (const auto& c : checks_) json["checks"].push_back(to_json(c.scenario, c.verdict));
  return json.dump(2) + "\n";
}

}  // namespace bench
