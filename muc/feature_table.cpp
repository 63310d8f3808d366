// SPDX-License-Identifier: Apache-2.0
#include "muc/feature_table.h"

#include <algorithm>
#include <vector>

#include "muc/feature.h"

namespace muc {
namespace {

std::string settings_of(const Feature& feature) {
  std::string out;
  for (const auto& setting : feature.settings) {
    if (setting.internal) continue;
    out += (out.empty() ? "`" : ", `") + std::string(setting.var) + "`";
  }
  return out;
}

std::string row(const Feature& feature) {
  return "| " + std::string(feature.spec) + " | " + std::string(feature.name) + " | " +
         settings_of(feature) + " |\n";
}

}  // namespace

std::string feature_table() {
  std::string out =
      "# What rooms implement\n\n"
      "Made by `script/generate` from what the features in `muc/features/` say of themselves. The\n"
      "core of XEP-0045 is in `muc/verbs/` and `muc/administration/`; `script/conformance` prints "
      "its\n"
      "requirements one by one, [conformance.md](conformance.md) says what is declined.\n\n"
      "| specification | feature | settings in the owner's form |\n"
      "|---|---|---|\n";
  const auto features = all_features();
  std::vector<const Feature*> sorted(features.begin(), features.end());
  std::ranges::stable_sort(sorted, {}, &Feature::spec);
  for (const Feature* feature : sorted) out += row(*feature);
  return out;
}

}  // namespace muc
