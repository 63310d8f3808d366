// SPDX-License-Identifier: Apache-2.0
#include "xmpp/writer.h"

#include <array>

#include "base/utf8.h"
#include "xmpp/ns.h"

namespace xmpp {
namespace {

enum class Kind : std::uint8_t {
  plain,       // stands for itself
  reference,   // has an entity or character reference
  forbidden,   // XML 1.0 has no way to write it
  multi_byte,  // start of a UTF-8 sequence, to be looked at
};

using Kinds = std::array<Kind, 256>;

constexpr Kinds kinds(std::string_view references) {
  Kinds k{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool allowed_control = c == '\t' || c == '\n' || c == '\r';
    k[c] = c >= 0x80                      ? Kind::multi_byte
           : c < 0x20 && !allowed_control ? Kind::forbidden
                                          : Kind::plain;
  }
  for (const char c : references) k[static_cast<unsigned char>(c)] = Kind::reference;
  return k;
}

// A parser turns a bare CR into LF everywhere, and tabs and line ends in attributes into spaces.
// '>' is written as a reference so that "]]>" never appears.
constexpr Kinds text_kinds = kinds("<>&\r");
constexpr Kinds attribute_kinds = kinds("<>&'\t\n\r");
constexpr Kinds any_kinds = kinds("<>&'\"\t\n\r");

constexpr std::string_view replacement = "\uFFFD";

std::string_view reference(char c) {
  switch (c) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    case '\'':
      return "&apos;";
    case '"':
      return "&quot;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return replacement;
  }
}

// Bytes of the well-formed, allowed character that starts `text`; 0 if there is none.
std::size_t allowed_size(std::string_view text) {
  const base::CodePoint c = base::first_code_point(text);
  return c.value == 0xfffe || c.value == 0xffff ? 0 : c.size;
}

// `broken` starts with a byte that is no allowed character: how many bytes one U+FFFD stands for.
std::size_t broken_size(std::string_view broken) {
  const std::size_t size = base::first_code_point(broken).size;
  return size == 0 ? 1 : size;
}

void append_with(std::string& out, std::string_view text, const Kinds& by) {
  std::size_t run = 0;  // start of what is copied as it stands
  std::size_t i = 0;
  while (i < text.size()) {
    const Kind kind = by[static_cast<unsigned char>(text[i])];
    std::size_t size = 1;
    if (kind == Kind::multi_byte) size = allowed_size(text.substr(i));
    if (kind == Kind::plain || (kind == Kind::multi_byte && size != 0)) {
      i += size;
      continue;
    }
    out += text.substr(run, i - run);
    out += kind == Kind::reference ? reference(text[i]) : replacement;
    i += kind == Kind::multi_byte ? broken_size(text.substr(i)) : 1;
    run = i;
  }
  out += text.substr(run);
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "='";
  append_with(out, value, attribute_kinds);
  out += '\'';
}

void append_attributes(std::string& out, const Element& e, std::string_view skipped) {
  int prefixes = 0;
  for (const Attribute& a : e.attributes()) {
    if (a.ns.empty()) {
      if (a.name != skipped) append_attribute(out, a.name, a.value);
    } else if (a.ns == ns::xml) {
      append_attribute(out, "xml:" + a.name, a.value);
    } else {
      const std::string prefix = "ns" + std::to_string(++prefixes);
      append_attribute(out, "xmlns:" + prefix, a.ns);
      append_attribute(out, prefix + ':' + a.name, a.value);
    }
  }
}

void append_element(std::string& out, const Element& e, std::string_view scope);

void append_node(std::string& out, const Element::Node& node, std::string_view scope) {
  if (const auto* text = std::get_if<std::string>(&node))
    append_with(out, *text, text_kinds);
  else
    append_element(out, std::get<Element>(node), scope);
}

void append_content(std::string& out, const Element& e, std::string_view name,
                    std::string_view scope) {
  if (e.nodes().empty()) {
    out += "/>";
    return;
  }
  out += '>';
  for (const auto& node : e.nodes()) append_node(out, node, scope);
  out += "</";
  out += name;
  out += '>';
}

void append_start(std::string& out, const Element& e, std::string_view scope,
                  std::string_view skipped) {
  out += '<';
  out += e.name();
  if (e.ns() != scope) append_attribute(out, "xmlns", e.ns());
  append_attributes(out, e, skipped);
}

void append_element(std::string& out, const Element& e, std::string_view scope) {
  append_start(out, e, scope, {});
  append_content(out, e, e.name(), e.ns());
}

// The prefix is declared on the element itself, so the text can stand anywhere.
void append_stream_element(std::string& out, const Element& e, std::string_view scope) {
  const std::string name = "stream:" + e.name();
  out += '<';
  out += name;
  append_attribute(out, "xmlns:stream", ns::streams);
  append_attributes(out, e, {});
  append_content(out, e, name, scope);
}

// Roughly what the text will take, so that it is allocated once.
std::size_t size_hint(const Element& e) {
  std::size_t size = 2 * e.name().size() + e.ns().size() + 16;
  for (const Attribute& a : e.attributes()) size += a.name.size() + a.value.size() + 4;
  for (const auto& node : e.nodes()) {
    const auto* text = std::get_if<std::string>(&node);
    size += text ? text->size() : size_hint(std::get<Element>(node));
  }
  return size;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) { append_with(out, text, any_kinds); }

void append_xml(std::string& out, const Element& element, std::string_view scope) {
  if (element.ns() == ns::streams && scope != ns::streams)
    append_stream_element(out, element, scope);
  else
    append_element(out, element, scope);
}

std::string to_xml(const Element& element, std::string_view scope) {
  std::string out;
  out.reserve(size_hint(element));
  append_xml(out, element, scope);
  return out;
}

base::Payload to_payload(const Element& stanza, std::string_view scope) {
  std::string out;
  out.reserve(size_hint(stanza));
  append_start(out, stanza, scope, "to");
  const auto hole = static_cast<std::uint32_t>(out.size());
  append_content(out, stanza, stanza.name(), stanza.ns());
  return base::make_payload(std::move(out), hole);
}

std::string splice_to(std::string_view jid) {
  std::string out;
  out.reserve(jid.size() + 8);
  append_attribute(out, "to", jid);
  return out;
}

std::string stream_header(std::string_view ns, std::string_view from, std::string_view to,
                          std::string_view id) {
  std::string out = "<?xml version='1.0'?><stream:stream";
  append_attribute(out, "xmlns", ns);
  append_attribute(out, "xmlns:stream", ns::streams);
  append_attribute(out, "from", from);
  if (!to.empty()) append_attribute(out, "to", to);
  if (!id.empty()) append_attribute(out, "id", id);
  out += " version='1.0' xml:lang='en'>";
  return out;
}

}  // namespace xmpp
