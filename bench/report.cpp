// SPDX-License-Identifier: Apache-2.0
#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/cpu.h"
#include "bench/failed.h"

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
  if (figure.measured < figure.floor) return "MISSED: less than nothing";
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
  if (std::isfinite(figure.floor)) json["no_less_than"] = figure.floor;
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

void Report::add(Figure figure) {
  if (std::isnan(figure.measured) && !metered_)
    ++unknown_;
  else
    figures_.push_back(std::move(figure));
}

double quantile(std::vector<double> values, double p) {
  if (values.empty()) throw Failed("nothing was measured");
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(p * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

void Report::info(std::string scenario, std::string what, double measured, std::string unit) {
  add({std::move(scenario), std::move(what), measured, std::move(unit)});
}

void Report::at_most(std::string scenario, std::string what, double measured, std::string unit,
                     double limit, double floor) {
  add({std::move(scenario), std::move(what), measured, std::move(unit), Figure::Target::at_most,
       limit, floor});
}

void Report::at_least(std::string scenario, std::string what, double measured, std::string unit,
                      double limit) {
  add({std::move(scenario), std::move(what), measured, std::move(unit), Figure::Target::at_least,
       limit});
}

void Report::check(std::string scenario, const Verdict& verdict) {
  checks_.push_back({std::move(scenario), verdict});
}

void Report::proof(std::string scenario, std::string what, bool holds) {
  proofs_.push_back({std::move(scenario), std::move(what), holds});
}

void Report::not_offered(std::string scenario, std::string why) {
  missing_.push_back({std::move(scenario), std::move(why), false});
}

bool Report::passed() const {
  return missing_.empty() &&
         std::all_of(proofs_.begin(), proofs_.end(), [](const Statement& p) { return p.holds; }) &&
         std::none_of(figures_.begin(), figures_.end(),
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
  for (const auto& proof : proofs_)
    out +=
        fmt::format("{:<9} {}  {}\n", proof.scenario, proof.what, proof.holds ? "pass" : "FAILED");
  for (const auto& missing : missing_)
    out += fmt::format("{:<9} NOT OFFERED: {}\n", missing.scenario, missing.what);
  if (unknown_ != 0)
    out +=
        fmt::format("{} figures of CPU and memory left out: give the server's --pid\n", unknown_);
  return out;
}

std::string Report::json() const {
  nlohmann::ordered_json json{
      {"machine", describe_machine()}, {"notes", notes_}, {"pass", passed()}};
  json["figures"] = nlohmann::ordered_json::array();
  for (const auto& figure : figures_) json["figures"].push_back(to_json(figure));
  json["checks"] = nlohmann::ordered_json::array();
  for (const auto& c : checks_) json["checks"].push_back(to_json(c.scenario, c.verdict));
  json["proofs"] = nlohmann::ordered_json::array();
  for (const auto& p : proofs_)
    json["proofs"].push_back({{"scenario", p.scenario}, {"what", p.what}, {"pass", p.holds}});
  json["not_offered"] = nlohmann::ordered_json::array();
  for (const auto& m : missing_)
    json["not_offered"].push_back({{"scenario", m.scenario}, {"why", m.what}});
  return json.dump(2) + "\n";
}

}  // namespace bench
