// SPDX-License-Identifier: Apache-2.0
// The vCard of a room (XEP-0054, XEP-0486): what one may be, and how it is read back. Who may set
// it is the affair of features/room/avatar.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/payload.h"
#include "base/result.h"
#include "muc/effect.h"
#include "muc/room_store.h"
#include "xmpp/element.h"
#include "xmpp/errors/stanza_error.h"

namespace muc {

inline constexpr std::size_t vcard_photo_bytes = 64 * 1024;  // of the picture itself
inline constexpr std::size_t vcard_photos = 4;               // the same picture in several formats
inline constexpr std::size_t vcard_bytes = 128 * 1024;       // of all of it, as it is stored

struct RoomVcard {
  std::string xml;                  // "": there is to be none any more
  std::vector<std::string> hashes;  // SHA-1 of each photo, hex
};

// What is kept of a vCard that somebody wants to set. Photos are PNG, JPEG, GIF or WebP, by what
// they begin with and by what is said of them; whatever else could be made a browser's business
// (SVG, HTML, addresses to fetch from) is not acceptable.
base::Result<RoomVcard, xmpp::StanzaError> accept_vcard(const xmpp::Element& given);

// Does what a VcardQuery asks for. Blocks: on workers only.
base::Result<base::Payload, StoreError> read_vcard(RoomStore& store, const VcardQuery& query);

}  // namespace muc
