// SPDX-License-Identifier: Apache-2.0
#include "muc/feature.h"

namespace muc {

#define FEATURE(folder, name) extern const Feature name##_feature;
#include "muc/features.def"
#undef FEATURE

namespace {
constexpr const Feature* list[] = {
#define FEATURE(folder, name) &name##_feature,
#include "muc/features.def"
#undef FEATURE
};
}  // namespace

std::span<const Feature* const> all_features() { return list; }

const AnySetting* find_setting(std::string_view var) {
  for (const Feature* feature : list)
    for (const auto& setting : feature->settings)
      if (setting.var == var) return &setting;
  return nullptr;
}

bool worth_keeping(const xmpp::Element& child) {
  for (const Feature* feature : list)
    for (const Payload& payload : feature->payloads)
      if (payload.ns == child.ns() && (payload.name.empty() || payload.name == child.name()))
        return payload.kept;
  return true;
}

}  // namespace muc
