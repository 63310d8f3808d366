// SPDX-License-Identifier: Apache-2.0
#include "xmpp/nickname.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include "base/check.h"

namespace xmpp {
namespace {

const icu::Normalizer2& nfkc() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    const auto* found = icu::Normalizer2::getNFKCInstance(status);
    CHECK(U_SUCCESS(status) && found != nullptr);
    return found;
  }();
  return *instance;
}

// Never changed after it is made, so that all threads may ask it.
const USpoofChecker* checker() {
  static const USpoofChecker* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    const auto* made = uspoof_open(&status);
    CHECK(U_SUCCESS(status));
    return made;
  }();
  return instance;
}

bool is_old_hangul(UChar32 c) {
  const auto type = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
  return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

// RFC 5892 2.6: letters that letters are made longer with, marks of tone and of repetition.
bool is_exception(UChar32 c) {
  return c == 0x0640 || c == 0x07FA || c == 0x302E || c == 0x302F || c == 0x303B ||
         (c >= 0x3031 && c <= 0x3035);
}

// The FreeformClass, RFC 8264 4.3; joiners need a context that names do not have.
bool disallowed(UChar32 c) {
  const auto type = u_charType(c);
  return type == U_CONTROL_CHAR || type == U_UNASSIGNED || type == U_SURROGATE ||
         type == U_PRIVATE_USE_CHAR || is_old_hangul(c) || is_exception(c) ||
         u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
         u_hasBinaryProperty(c, UCHAR_NONCHARACTER_CODE_POINT);
}

// nullopt: something in it may not be there.
std::optional<icu::UnicodeString> with_plain_spaces(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  bool space = false;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (u_charType(c) == U_SPACE_SEPARATOR) {
      space = !out.isEmpty();
      continue;
    }
    if (disallowed(c)) return std::nullopt;
    if (space) out.append(UChar32{' '});
    space = false;
    out.append(c);
  }
  return out;
}

icu::UnicodeString normalised(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString out = nfkc().normalize(text, status);
  return U_SUCCESS(status) ? out : text;
}

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  return text.toUTF8String(out);
}

icu::UnicodeString folded(const icu::UnicodeString& text) {
  icu::UnicodeString out = text;
  return out.toLower(icu::Locale::getRoot());
}

// Folded itself: a zero looks like a capital o.
std::string skeleton(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString out;
  uspoof_getSkeletonUnicodeString(checker(), 0, text, out, &status);
  return utf8(folded(U_SUCCESS(status) ? out : text));
}

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

}  // namespace

std::optional<std::string> enforce_nickname(std::string_view nick) {
  const auto spaced = with_plain_spaces(from_utf8(nick));
  if (!spaced) return std::nullopt;
  // NFKC may make spaces of its own (RFC 8266 2.3: the rules are applied until nothing changes).
  const auto out = with_plain_spaces(normalised(*spaced));
  if (!out || out->isEmpty()) return std::nullopt;
  return utf8(*out);
}

std::vector<std::string> looks_of(std::string_view nick) {
  const icu::UnicodeString normal = normalised(from_utf8(nick));
  const icu::UnicodeString text = with_plain_spaces(normal).value_or(normal);
  // A capital i looks like a small l: as written. Folded, it is like any other letter.
  std::vector<std::string> looks{skeleton(text), skeleton(folded(text))};
  if (looks[0] == looks[1]) looks.pop_back();
  return looks;
}

}  // namespace xmpp
