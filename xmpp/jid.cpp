// SPDX-License-Identifier: Apache-2.0
// Every stanza's addresses come through here, and nearly all of them are plain ASCII: that is
// decided by tables, in one pass; ICU sees the rest. For ASCII the tables say what the profiles
// would.
#include "xmpp/jid.h"

#include <algorithm>
#include <array>

#include "xmpp/prep.h"

namespace xmpp {
namespace {

constexpr std::size_t part_size_max = 1023;  // RFC 7622 §3.1; of the text received, too
constexpr std::size_t host_name_size_max = 253;
constexpr std::size_t label_size_max = 63;

enum class Shape { ready, prepare, refuse };  // leave as it is, ask the profile, malformed

using Table = std::array<Shape, 256>;

constexpr Table table(std::string_view refused, bool refuse_space, bool fold) {
  Table t{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool control = c < 0x20 || c == 0x7f;
    t[c] = c >= 0x80 ? Shape::prepare : control ? Shape::refuse : Shape::ready;
    if (fold && c >= 'A' && c <= 'Z') t[c] = Shape::prepare;
  }
  if (refuse_space) t[' '] = Shape::refuse;
  for (const char c : refused) t[static_cast<unsigned char>(c)] = Shape::refuse;
  return t;
}

constexpr Table local_table = table("\"&'/:<>@", true, true);  // nodeprep, RFC 6122 appendix A.5
constexpr Table resource_table = table("", false, false);
constexpr Table domain_table = table("!\"#$%&'()*+,/:;<=>?@[\\]^_`{|}~", true, true);  // STD 3

Shape shape(std::string_view text, const Table& by) {
  Shape worst = Shape::ready;
  for (const char c : text) worst = std::max(worst, by[static_cast<unsigned char>(c)]);
  return worst;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

void fold_case(std::string& ascii) {
  for (char& c : ascii)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
}

// What a profile gives must be what it gives again, or the address would change when it is stored.
std::optional<std::string> by_profile(Profile profile, std::string_view text) {
  auto prepared = stringprep(profile, text);
  if (!prepared || prepared->empty() || prepared->size() > part_size_max) return std::nullopt;
  if (stringprep(profile, *prepared) != prepared) return std::nullopt;
  return prepared;
}

std::optional<std::string> prepare(std::string_view text, const Table& by, Profile profile) {
  if (text.empty() || text.size() > part_size_max) return std::nullopt;
  const Shape s = shape(text, by);
  if (s == Shape::refuse) return std::nullopt;
  if (s == Shape::ready) return std::string(text);
  if (!is_ascii(text)) return by_profile(profile, text);
  std::string folded(text);
  fold_case(folded);
  return folded;
}

bool is_plain_label(std::string_view label) {
  return !label.empty() && label.size() <= label_size_max && label.front() != '-' &&
         label.back() != '-' && !label.starts_with("xn--");
}

// RFC 7622 would allow addresses of hosts; here they are malformed: no server is called by one, and
// no stranger shall make us connect to one. (No top-level domain is a number.)
bool ends_in_number(std::string_view domain) {
  const std::string_view last = domain.substr(domain.rfind('.') + 1);
  return last.find_first_not_of("0123456789") == std::string_view::npos;
}

// `domain` has only lower-case letters, digits, dots and hyphens.
bool is_plain_domain(std::string_view domain) {
  if (domain.size() > host_name_size_max) return false;
  for (std::size_t start = 0; start <= domain.size();) {
    const std::size_t end = std::min(domain.find('.', start), domain.size());
    if (!is_plain_label(domain.substr(start, end - start))) return false;
    start = end + 1;
  }
  return !ends_in_number(domain);
}

// Without the dot that may end a fully qualified name.
std::string_view without_root(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  return domain;
}

void replace_all(std::string& text, std::string_view from, char to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at))
    text.replace(at, from.size(), 1, to);
}

std::optional<std::string> prepare_foreign_domain(std::string_view text) {
  auto prepared = stringprep(Profile::nameprep, text);
  if (!prepared) return std::nullopt;
  replace_all(*prepared, "\u3002", '.');  // the other full stop, RFC 3490 §3.1
  if (prepared->ends_with('.')) prepared->pop_back();
  if (prepared->empty() || prepared->ends_with('.') || ends_in_number(*prepared))
    return std::nullopt;
  auto unicode = idna_to_unicode(*prepared);
  if (!unicode || unicode->size() > part_size_max) return std::nullopt;
  return unicode;
}

struct Parts {
  std::string_view local, domain, resource;
  bool has_local = false, has_resource = false;
};

// RFC 7622 §3.1: the first '/' starts the resourcepart, the first '@' before it ends the localpart.
Parts split(std::string_view text) {
  Parts parts;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    parts.has_resource = true;
    parts.resource = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    parts.has_local = true;
    parts.local = text.substr(0, at);
    text = text.substr(at + 1);
  }
  parts.domain = text;
  return parts;
}

bool is_ready(std::string_view text, const Table& by) {
  return !text.empty() && text.size() <= part_size_max && shape(text, by) == Shape::ready;
}

bool is_ready(const Parts& parts) {
  return (!parts.has_local || is_ready(parts.local, local_table)) &&
         (!parts.has_resource || is_ready(parts.resource, resource_table)) &&
         is_ready(parts.domain, domain_table) && is_plain_domain(parts.domain);
}

}  // namespace

std::optional<std::string> prepare_local(std::string_view text) {
  return prepare(text, local_table, Profile::nodeprep);
}

std::optional<std::string> prepare_resource(std::string_view text) {
  return prepare(text, resource_table, Profile::resourceprep);
}

std::optional<std::string> prepare_domain(std::string_view text) {
  if (text.empty() || text.size() > part_size_max) return std::nullopt;
  if (shape(text, domain_table) == Shape::refuse) return std::nullopt;
  if (!is_ascii(text)) return prepare_foreign_domain(text);
  std::string folded(text);
  fold_case(folded);
  if (const std::string_view plain = without_root(folded); is_plain_domain(plain))
    return std::string(plain);
  return prepare_foreign_domain(folded);
}

std::optional<Jid> Jid::parse(std::string_view text) {
  const Parts parts = split(text);
  if (is_ready(parts)) {
    Jid jid;
    jid.text_ = text;
    if (parts.has_local) jid.domain_at_ = static_cast<std::uint16_t>(parts.local.size() + 1);
    if (parts.has_resource)
      jid.resource_at_ = static_cast<std::uint16_t>(text.size() - parts.resource.size());
    return jid;
  }
  if (parts.has_local && parts.local.empty()) return std::nullopt;
  if (parts.has_resource && parts.resource.empty()) return std::nullopt;
  return from_parts(parts.local, parts.domain, parts.resource);
}

std::optional<Jid> Jid::from_parts(std::string_view local, std::string_view domain,
                                   std::string_view resource) {
  Jid jid;
  if (!local.empty()) {
    auto prepared = prepare_local(local);
    if (!prepared) return std::nullopt;
    jid.text_ = std::move(*prepared);
    jid.text_ += '@';
    jid.domain_at_ = static_cast<std::uint16_t>(jid.text_.size());
  }
  const auto prepared = prepare_domain(domain);
  if (!prepared) return std::nullopt;
  jid.text_ += *prepared;
  if (resource.empty()) return jid;
  return jid.with_resource(resource);
}

std::string_view Jid::local() const {
  return domain_at_ == 0 ? std::string_view() : std::string_view(text_).substr(0, domain_at_ - 1u);
}

std::string_view Jid::domain() const { return bare_str().substr(domain_at_); }

std::string_view Jid::resource() const {
  return resource_at_ == 0 ? std::string_view() : std::string_view(text_).substr(resource_at_);
}

std::string_view Jid::bare_str() const {
  return resource_at_ == 0 ? std::string_view(text_)
                           : std::string_view(text_).substr(0, resource_at_ - 1u);
}

Jid Jid::bare() const {
  Jid jid;
  jid.text_ = bare_str();
  jid.domain_at_ = domain_at_;
  return jid;
}

std::optional<Jid> Jid::with_resource(std::string_view resource) const {
  const auto prepared = prepare_resource(resource);
  if (!prepared) return std::nullopt;
  Jid jid = bare();
  jid.text_ += '/';
  jid.resource_at_ = static_cast<std::uint16_t>(jid.text_.size());
  jid.text_ += *prepared;
  return jid;
}

}  // namespace xmpp
