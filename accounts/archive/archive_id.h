// SPDX-License-Identifier: Apache-2.0
// The ids by which people know the messages of their own archives: one AES block over whose archive
// it is and the number in it. Nobody can predict or order them but us; one of another account's
// archive, or of a room's (muc/history/ids.h: the first half is never negative there), is none
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace accounts {

std::string make_archive_id(std::string_view key, std::string_view localpart, std::int64_t number);
// The number; nullopt for what was never given out for this archive, as far as its form tells.
std::optional<std::int64_t> read_archive_id(std::string_view key, std::string_view localpart,
                                            std::string_view id);

}  // namespace accounts
