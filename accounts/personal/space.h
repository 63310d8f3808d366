// SPDX-License-Identifier: Apache-2.0
// How much room takes what an account keeps here, against limits::account_bytes. Bytes are those of
// the serialised elements and of their ids.
#pragma once

#include <cstddef>

#include "accounts/personal_store.h"
#include "xmpp/errors/stanza_error.h"

namespace accounts {

std::size_t roster_bytes(const PersonalData& data);
std::size_t bytes_of(const PepNode& node);
std::size_t bytes_kept(const PersonalData& data);
// Whether `added` bytes may come in place of `freed` ones, which are kept now. What makes nothing
// larger always may.
bool has_room(const PersonalData& data, std::size_t freed, std::size_t added);
xmpp::StanzaError no_room();

}  // namespace accounts
