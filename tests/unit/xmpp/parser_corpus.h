// SPDX-License-Identifier: Apache-2.0
// Streams, good and bad, that every way of cutting must read alike.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/xmpp/parser_events.h"

namespace tests {

inline std::vector<std::string> good_streams() {
  const std::string s = stream_start;
  return {
      s + "</stream:stream>",
      s + "<presence/></stream:stream>",
      s + "<message to='a@b/c' type='chat'><body>Hi &amp; &lt;you&gt; &#x1F40E; "
          "žluť</body></message>"
          " \n<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>\r\n\t</stream:stream> "
          "junk",
      s + "<message xml:lang='cs'><body>a\r\nb\rc\n</body><x xmlns='urn:x'><y xmlns=''>"
          "<![CDATA[<b>&]]]]><![CDATA[>]]></y></x></message></stream:stream>",
      s + "<a:message xmlns:a='jabber:client' xmlns:b='urn:b' b:c='1\t2&#10;3' d='&quot;&apos;'>"
          "<a:body/><b:x/></a:message>",
      "\n <stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:server' "
      "xmlns:db='jabber:server:dialback' from='a' id='7' xml:lang='de'><db:result>x</db:result>"
      "<stream:features/></stream:stream>",
      "<?xml version=\"1.0\" encoding='Utf-8' ?>\r\n<stream:stream "
      "xmlns:stream='http://etherx.jabber.org/streams' to=''/>",
      s + "<iq id=']]'>]] > ]</iq><r xmlns='urn:xmpp:sm:3'/>&#32;<a xmlns='urn:xmpp:sm:3' h='1'/>",
  };
}

inline std::vector<std::string> bad_streams() {
  const std::string s = stream_start;
  std::vector<std::string> all = {
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\x02",
      "   x",
      "\xEF\xBB\xBF" + s,
      "<?xml version='1.0' encoding='ISO-8859-1'?>",
      "<?xml version='1.1'?>",
      "<?xml version='1.0' standalone='no'?>",
      "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'ha'>]>",
      "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>",
      "<!-- x -->" + s,
      "<?php x?>" + s,
      "<foo/>",
      "<stream:stream xmlns:stream='http://evil.example/'>",
      "<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>",
      "<stream xmlns='http://etherx.jabber.org/streams'>",
      "<foo:stream xmlns:foo='http://etherx.jabber.org/streams' xmlns='jabber:client'>",
      "<stream:stream to='a'>",
      s + "<presence/>x<presence/>",
      s + "<presence/>a]]>",
      s + "<message><!-- x --></message>",
      s + "<!-- x -->",
      s + "<message><?php x?></message>",
      s + "<message>&foo;</message>",
      s + "<message a='&foo;'/>",
      s + "<presence/><?xml version='1.0'?>",
      s + "<x:y/>",
      s + "<y a:b='c'/>",
      s + "<y id='a' id='b'/>",
      s + "<y xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>",
      s + "<y></z>",
      s + "<message></stream:stream>",
      s + "<y a=1/>",
      s + "<y>]]></y>",
      s + "<!DOCTYPE x>",
  };
  for (const char* reference : {"&#0;", "&#x1;", "&#xD800;", "&#xFFFE;", "&#x110000;"}) {
    all.push_back(s + "<a>" + reference + "</a>");
    all.push_back(s + "<a b='" + reference + "'/>");
  }
  for (const char* broken : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF",
                             "\xC3<", "\xEF\xBF\xBE", "\x80", "\x01"}) {
    all.push_back(s + "<a>text" + broken + "</a>");
    all.push_back(s + "<a b='value" + broken + "'/>");
    all.push_back(s + "<name" + broken + "/>");
  }
  return all;
}

}  // namespace tests
