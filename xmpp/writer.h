// SPDX-License-Identifier: Apache-2.0
// The canonical serialisation: what is written to sockets and into the record. Double escaping is
// impossible, attributes stay in their order, single quotes. Prefixes never appear, but for xml:,
// stream: on a top-level element of the stream namespace (RFC 6120 §4.8.5: peers may know no other
// form), and ns1:, ns2: … on attributes of foreign namespaces. What is not an XML 1.0 character in
// a text comes out as U+FFFD; element and attribute names must be XML names.
#pragma once

#include <string>
#include <string_view>

#include "base/payload.h"
#include "xmpp/element.h"

namespace xmpp {

// `scope` is the default namespace already in force where the text will stand ("jabber:client" on a
// client stream): an element in it gets no xmlns.
void append_xml(std::string& out, const Element& element, std::string_view scope);
std::string to_xml(const Element& element, std::string_view scope);

// A stanza for many: its 'to' is left out and the payload's hole stands where one belongs. Splice
// the text that splice_to() makes.
base::Payload to_payload(const Element& stanza, std::string_view scope);
std::string splice_to(std::string_view jid);  // " to='juliet@…'", escaped

void append_escaped(std::string& out, std::string_view text);  // for text and attribute values

// A stream header with its XML declaration. `to` and `id` are left out when empty; an empty `from`
// is written, as RFC 6120 §4.9.1.3 has it for an unknown host.
std::string stream_header(std::string_view ns, std::string_view from, std::string_view to,
                          std::string_view id);

}  // namespace xmpp
