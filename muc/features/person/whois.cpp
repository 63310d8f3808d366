// SPDX-License-Identifier: Apache-2.0
// Anonymity: real JIDs are shown to moderators only, or to everybody.
#include "muc/feature.h"

namespace muc {
namespace {

constexpr Option choices[] = {{"moderators", "Moderators"}, {"anyone", "Everybody"}};

Status status(std::string_view now) {
  return now == "anyone" ? Status::now_non_anonymous : Status::now_semi_anonymous;
}

const Setting<std::string> whois{.var = "muc#roomconfig_whois",
                                 .fallback = "moderators",
                                 .label = "Who sees real addresses",
                                 .options = choices,
                                 .status = status};
const AnySetting settings[] = {whois};

bool shows_jids(const Room& room) { return room.settings.get(whois) == "anyone"; }

void disco(const Room& room, DiscoInfo& info) {
  info.features.emplace_back(room.shows_jids ? "muc_nonanonymous" : "muc_semianonymous");
}

void entry_codes(const Room& room, Codes& codes) {
  if (room.shows_jids) codes.push_back(Status::non_anonymous);
}

}  // namespace

extern const Feature whois_feature{.name = "whois",
                                   .spec = "XEP-0045 7.2.3, 10.2.1",
                                   .settings = settings,
                                   .disco = disco,
                                   .shows_jids = shows_jids,
                                   .entry_codes = entry_codes};

}  // namespace muc
