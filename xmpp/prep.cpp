// SPDX-License-Identifier: Apache-2.0
#include "xmpp/prep.h"

#include <unicode/uidna.h>
#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include <array>

#include "base/check.h"

namespace xmpp {
namespace {

constexpr std::size_t text_size_max = 3072;

// UTF-16 with room for what normalisation makes of text_size_max bytes at the worst we accept.
struct Utf16 {
  std::array<UChar, 4096> units;
  std::int32_t size = 0;
  static constexpr std::int32_t capacity = 4096;
};

bool from_utf8(std::string_view text, Utf16& out) {
  UErrorCode status = U_ZERO_ERROR;
  u_strFromUTF8(out.units.data(), Utf16::capacity, &out.size, text.data(),
                static_cast<std::int32_t>(text.size()), &status);
  return U_SUCCESS(status);
}

std::optional<std::string> to_utf8(const Utf16& text) {
  std::string out(static_cast<std::size_t>(text.size) * 3, '\0');
  std::int32_t size = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &size, text.units.data(),
              text.size, &status);
  if (U_FAILURE(status)) return std::nullopt;
  out.resize(static_cast<std::size_t>(size));
  return out;
}

const UStringPrepProfile* open_profile(UStringPrepProfileType type) {
  UErrorCode status = U_ZERO_ERROR;
  const UStringPrepProfile* profile = usprep_openByType(type, &status);
  CHECK(U_SUCCESS(status) && profile != nullptr);
  return profile;
}

// Opened once, shared by all threads, kept until the process ends.
const UStringPrepProfile* icu_profile(Profile profile) {
  static const std::array<const UStringPrepProfile*, 4> profiles{
      open_profile(USPREP_RFC3920_NODEPREP), open_profile(USPREP_RFC3491_NAMEPREP),
      open_profile(USPREP_RFC3920_RESOURCEPREP), open_profile(USPREP_RFC4013_SASLPREP)};
  return profiles.at(static_cast<std::size_t>(profile));
}

const UIDNA* open_idna() {
  UErrorCode status = U_ZERO_ERROR;
  const UIDNA* idna =
      uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                          UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
                      &status);
  CHECK(U_SUCCESS(status) && idna != nullptr);
  return idna;
}

const UIDNA* icu_idna() {
  static const UIDNA* const idna = open_idna();
  return idna;
}

// Host names such as "r3---x.example" are in use and harmless.
bool is_clean(const UIDNAInfo& info) {
  return (info.errors & ~static_cast<std::uint32_t>(UIDNA_ERROR_HYPHEN_3_4)) == 0;
}

// The label as Unicode if that is a text nameprep leaves alone; else it stays in its ASCII form
// (RFC 3490 §4.2 does the same), so that preparing twice changes nothing.
std::optional<std::string> label_to_unicode(std::string_view label) {
  Utf16 in, out;
  if (!from_utf8(label, in)) return std::nullopt;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode status = U_ZERO_ERROR;
  out.size = uidna_labelToUnicode(icu_idna(), in.units.data(), in.size, out.units.data(),
                                  Utf16::capacity, &info, &status);
  if (U_FAILURE(status) || !is_clean(info)) return std::nullopt;
  auto unicode = to_utf8(out);
  if (!unicode) return std::nullopt;
  if (stringprep(Profile::nameprep, *unicode) != unicode) return std::string(label);
  return unicode;
}

bool is_host_name(std::string_view domain) {
  Utf16 in, out;
  if (!from_utf8(domain, in)) return false;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode status = U_ZERO_ERROR;
  uidna_nameToASCII(icu_idna(), in.units.data(), in.size, out.units.data(), Utf16::capacity, &info,
                    &status);
  return U_SUCCESS(status) && is_clean(info);
}

}  // namespace

// Code points that Unicode 3.2 did not know pass as they are ("query" in RFC 3454's terms), as in
// Prosody and ejabberd: half of today's emoji are such, and two servers that disagree on what is an
// address cannot talk to each other.
std::optional<std::string> stringprep(Profile profile, std::string_view text) {
  if (text.size() > text_size_max) return std::nullopt;
  Utf16 in, out;
  if (!from_utf8(text, in)) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  out.size = usprep_prepare(icu_profile(profile), in.units.data(), in.size, out.units.data(),
                            Utf16::capacity, USPREP_ALLOW_UNASSIGNED, nullptr, &status);
  if (U_FAILURE(status)) return std::nullopt;
  return to_utf8(out);
}

std::optional<std::string> idna_to_unicode(std::string_view domain) {
  std::string out;
  for (std::size_t start = 0; start <= domain.size();) {
    const std::size_t end = std::min(domain.find('.', start), domain.size());
    const std::string_view label = domain.substr(start, end - start);
    if (start != 0) out += '.';
    if (label.starts_with("xn--")) {
      const auto unicode = label_to_unicode(label);
      if (!unicode) return std::nullopt;
      out += *unicode;
    } else {
      out += label;
    }
    start = end + 1;
  }
  if (!is_host_name(out)) return std::nullopt;
  return out;
}

}  // namespace xmpp
