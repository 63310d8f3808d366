// SPDX-License-Identifier: Apache-2.0
// The stringprep profiles (RFC 3454) XMPP uses, by ICU. Thread-safe. For jid.cpp and scram.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xmpp {

enum class Profile { nodeprep, nameprep, resourceprep, saslprep };

// nullopt if the text is not UTF-8, has a character the profile prohibits, or is longer than 3 KiB.
// May be empty: a profile maps some characters to nothing.
std::optional<std::string> stringprep(Profile profile, std::string_view text);

// The domain's labels as Unicode, RFC 7622 §3.2.1; `domain` went through nameprep and has plain
// dots. nullopt if it breaks IDNA's or the host name's rules (RFC 5890 with STD 3).
std::optional<std::string> idna_to_unicode(std::string_view domain);

}  // namespace xmpp
