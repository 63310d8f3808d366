// SPDX-License-Identifier: Apache-2.0
// What expat reports becomes a header, stanzas and refusals.
#include <algorithm>

#include "xmpp/errors/xml_error.h"
#include "xmpp/ns.h"
#include "xmpp/parser/stream_parser_impl.h"

namespace xmpp {
namespace {

// After a stanza larger than this, expat and what it has hoarded are thrown away.
constexpr std::int64_t keep_expat_below = 16384;

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

}  // namespace

void StreamParser::Impl::set_handlers() {
  const XML_Parser p = expat_.get();
  XML_SetUserData(p, this);
  XML_SetElementHandler(
      p, [](void* u, const char* name, const char** a) noexcept { self(u).on_start(name, a); },
      [](void* u, const char*) noexcept { self(u).on_end(); });
  XML_SetCharacterDataHandler(p, [](void* u, const char* text, int size) noexcept {
    self(u).on_text({text, static_cast<std::size_t>(size)});
  });
  XML_SetStartNamespaceDeclHandler(p, [](void* u, const char* prefix, const char* uri) noexcept {
    self(u).on_namespace(prefix, uri);
  });
  XML_SetXmlDeclHandler(
      p, [](void* u, const char* version, const char* encoding, int standalone) noexcept {
        self(u).on_xml_declaration(version, encoding, standalone);
      });
  XML_SetStartDoctypeDeclHandler(p, [](void* u, const char*, const char*, const char*,
                                       int) noexcept { self(u).on_restricted(); });
  XML_SetCommentHandler(p, [](void* u, const char*) noexcept { self(u).on_restricted(); });
  XML_SetProcessingInstructionHandler(
      p, [](void* u, const char*, const char*) noexcept { self(u).on_restricted(); });
  // What no other handler sees must count as read, too.
  XML_SetDefaultHandler(p, [](void* u, const char*, int) noexcept { self(u).begin_token(); });
}

void StreamParser::Impl::on_namespace(const char* prefix, const char* uri) {
  ++declarations_;
  if (stream_open_) return;
  header_declarations_.emplace_back(prefix ? prefix : "", uri ? uri : "");
}

void StreamParser::Impl::on_xml_declaration(const char* version, const char* encoding,
                                            int standalone) {
  if (!begin_token()) return;
  constexpr int no_standalone = -1;
  if ((version && std::string_view(version) != "1.0") || standalone != no_standalone)
    return fail({StreamCondition::restricted_xml, "only XML 1.0 without standalone is allowed"});
  if (encoding && !equal_ignoring_case(encoding, "utf-8"))
    fail({StreamCondition::unsupported_encoding, "only UTF-8 is allowed"});
}

void StreamParser::Impl::on_restricted() {
  if (!begin_token()) return;
  fail(restricted_error());
}

void StreamParser::Impl::on_start(const char* name, const char** attributes) {
  if (!begin_token()) return;
  std::size_t count = std::exchange(declarations_, 0);
  for (const char** a = attributes; *a != nullptr; a += 2) ++count;
  if (count > limits_.attributes)
    return fail({StreamCondition::policy_violation, "too many attributes"});
  if (stream_open_)
    start_element(name, attributes);
  else
    open_stream(name, attributes);
}

void StreamParser::Impl::open_stream(const char* name, const char** attributes) {
  const auto [ns, local] = expanded_name(name);
  if (ns != ns::streams || local != "stream") return fail({StreamCondition::invalid_namespace});
  // RFC 6120 §4.8.5: the prefix must be 'stream'; peers match the name as text.
  if (!unread(position()).starts_with("<stream:"))
    return fail({StreamCondition::bad_namespace_prefix});
  stream_open_ = true;

  StreamHeader header;
  for (const auto& [prefix, uri] : header_declarations_)
    if (prefix.empty()) header.ns = uri;
  for (const char** a = attributes; *a != nullptr; a += 2) {
    const auto [attribute_ns, attribute] = expanded_name(a[0]);
    const std::string_view value = a[1];
    if (attribute_ns == ns::xml && attribute == "lang") header.lang = value;
    if (!attribute_ns.empty()) continue;
    if (attribute == "to") header.to = value, header.has_to = true;
    if (attribute == "from") header.from = value;
    if (attribute == "id") header.id = value;
    if (attribute == "version") header.version = value, header.has_version = true;
  }
  obey(handler_.on_stream_open(header));
}

void StreamParser::Impl::start_element(const char* name, const char** attributes) {
  if (!in_stanza_) {
    in_stanza_ = true;
    elements_ = 0;
  }
  if (builder_.depth() + 1 > limits_.depth)
    return fail({StreamCondition::policy_violation, "nested too deep"});
  if (++elements_ > limits_.elements)
    return fail({StreamCondition::policy_violation, "too many elements"});
  builder_.start(name, attributes);
}

void StreamParser::Impl::on_text(std::string_view text) {
  if (state_ == State::ended) return;
  const auto count = static_cast<std::size_t>(XML_GetCurrentByteCount(expat_.get()));
  token_start_ = position() + static_cast<std::int64_t>(count);
  // A run of text is no token, but a reference is one, however many zeros it has.
  if (count > limits_.token_bytes && unread(position()).starts_with('&')) return fail_too_big();
  if (in_stanza_) {
    if (exceeds(token_start_, token_start_)) return fail_too_big();
    return builder_.text(text);
  }
  if (!is_xml_whitespace(text)) fail({StreamCondition::not_well_formed, "text between stanzas"});
}

void StreamParser::Impl::on_end() {
  if (state_ == State::paused) {  // an empty stream element whose opening paused us
    close_pending_ = true;
    return;
  }
  if (!begin_token()) return;
  if (!in_stanza_) return close_stream();
  builder_.end();
  if (builder_.depth() == 0) deliver();
}

void StreamParser::Impl::deliver() {
  in_stanza_ = false;
  limits_ = next_limits_;
  if (token_start_ - stanza_start_ > keep_expat_below) renew_expat_ = true;
  obey(handler_.on_stanza(builder_.take()));
}

void StreamParser::Impl::close_stream() {
  state_ = State::ended;
  if (in_expat_) XML_StopParser(expat_.get(), XML_FALSE);
  handler_.on_stream_close();
}

void StreamParser::Impl::obey(Flow flow) {
  if (flow == Flow::go_on) return;
  state_ = State::paused;
  XML_StopParser(expat_.get(), XML_TRUE);
}

}  // namespace xmpp
