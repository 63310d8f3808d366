// SPDX-License-Identifier: Apache-2.0
// XEP-0082 DateTime.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace xmpp {

std::string format_datetime(base::Time time);  // "2026-11-24T08:00:00.123456Z"; .000000 is left out
std::optional<base::Time> parse_datetime(std::string_view text);  // any zone; strict; years 1–9999

}  // namespace xmpp
