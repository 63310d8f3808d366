// SPDX-License-Identifier: Apache-2.0
#include "muc/state/vcard.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/crypto.h"
#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;
using xmpp::Element;
using xmpp::StanzaError;
using namespace std::string_view_literals;

bool is_webp(std::string_view bytes) {
  return bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP";
}

// By what it begins with; "" for what is no picture that rooms show.
std::string_view media_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff"sv)) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  if (is_webp(bytes)) return "image/webp";
  return "";
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string without_spaces(std::string text) {
  std::erase_if(text, is_space);
  return text;
}

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// Data, or the address of some, that is in none of the places where it is looked at.
bool smuggles(const Element& e) {
  bool found = e.name() == "BINVAL" || e.name() == "EXTVAL";
  e.for_each_child([&](const Element& child) { found = found || smuggles(child); });
  return found;
}

// The picture in a PHOTO; "" if there is none.
base::Result<std::string, StanzaError> picture(const Element& photo) {
  std::size_t data = 0;
  bool strange = false;
  photo.for_each_child([&](const Element& part) {
    data += part.name() == "BINVAL" ? 1 : 0;
    strange = strange || (part.name() != "BINVAL" && part.name() != "TYPE");
  });
  if (strange || data > 1)
    return base::fail(StanzaError{Condition::not_acceptable, "A photo is its type and its data."});
  // XEP-0153 4.5: white space is ignored.
  const auto text = without_spaces(child_text(photo, "BINVAL", xmpp::ns::vcard).value_or(""));
  if (text.size() > (vcard_photo_bytes + 2) / 3 * 4)
    return base::fail(StanzaError{Condition::policy_violation, "The photo is too large."});
  auto bytes = base::from_base64(text);
  if (!bytes) return base::fail(StanzaError{Condition::bad_request, "This is not base64."});
  if (bytes->size() > vcard_photo_bytes)
    return base::fail(StanzaError{Condition::policy_violation, "The photo is too large."});
  return std::move(*bytes);
}

class Accepting {
 public:
  std::optional<StanzaError> take(const Element& part) {
    if (part.is("PHOTO", xmpp::ns::vcard)) return take_photo(part);
    if (smuggles(part))
      return StanzaError{Condition::not_acceptable, "Only photos carry data in a room's vCard."};
    vcard_.add(part);
    return std::nullopt;
  }

  base::Result<RoomVcard, StanzaError> end() {
    if (vcard_.first_child() == nullptr) return RoomVcard{};
    RoomVcard accepted{xmpp::to_xml(vcard_, xmpp::ns::client), std::move(hashes_)};
    if (accepted.xml.size() > vcard_bytes)
      return base::fail(StanzaError{Condition::policy_violation, "The vCard is too large."});
    return accepted;
  }

 private:
  // Written anew, so that what is read from the room is what was looked at.
  std::optional<StanzaError> take_photo(const Element& photo) {
    const auto bytes = picture(photo);
    if (!bytes) return bytes.error();
    if (bytes->empty()) return std::nullopt;  // how clients take a picture away
    const auto type = media_type(*bytes);
    const auto said = lower_case(
        without_spaces(child_text(photo, "TYPE", xmpp::ns::vcard).value_or(std::string(type))));
    if (type.empty() || said != type)
      return StanzaError{Condition::not_acceptable,
                         "Photos are PNG, JPEG, GIF or WebP, and say which."};
    if (hashes_.size() == vcard_photos)
      return StanzaError{Condition::policy_violation, "These are too many photos."};
    hashes_.push_back(base::hex(base::digest(base::Hash::sha1, *bytes)));
    Element& kept = vcard_.add("PHOTO", xmpp::ns::vcard);
    kept.add("TYPE", xmpp::ns::vcard).set_text(type);
    kept.add("BINVAL", xmpp::ns::vcard).set_text(base::base64(*bytes));
    return std::nullopt;
  }

  Element vcard_{"vCard", xmpp::ns::vcard};
  std::vector<std::string> hashes_;
};

}  // namespace

base::Result<RoomVcard, StanzaError> accept_vcard(const Element& given) {
  Accepting accepting;
  std::optional<StanzaError> wrong;
  given.for_each_child([&](const Element& part) {
    if (!wrong) wrong = accepting.take(part);
  });
  if (wrong) return base::fail(std::move(*wrong));
  return accepting.end();
}

base::Result<base::Payload, StoreError> read_vcard(RoomStore& store, const VcardQuery& query) {
  const auto xml = store.vcard(query.room_id);
  if (!xml) return base::fail(xml.error());
  if (xml->empty())
    return xmpp::to_payload(*xmpp::error_reply(query.iq, Condition::item_not_found),
                            xmpp::ns::client);
  auto vcard = xmpp::read_stanza(*xml);
  if (!vcard) return base::fail(StoreError::corrupt);
  Element result = xmpp::iq_result(query.iq);
  result.add(std::move(*vcard));
  return xmpp::to_payload(result, xmpp::ns::client);
}

}  // namespace muc
