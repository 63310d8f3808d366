// SPDX-License-Identifier: Apache-2.0
// The canonical serialisation: what is written to sockets and into the record. Double escaping is
// impossible, prefixes never appear (but xml:), attributes stay in their order, single quotes.
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

// A stream header as the receiving entity sends it.
std::string stream_header(std::string_view ns, std::string_view from, std::string_view to,
                          std::string_view id);

}  // namespace xmpp
