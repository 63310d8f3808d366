// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/runner/muc_schema.h"

#include <catch2/catch.hpp>

#include "tests/scripts/runner/xml.h"

namespace {

std::string fault(const std::string& payload, const std::string& type = "") {
  const auto stanzas = tests::parse_xml("<iq type='" + type + "'>" + payload + "</iq>");
  return tests::muc_schema_fault(stanzas.at(0));
}
std::string user(const std::string& inside) {
  return fault("<x xmlns='http://jabber.org/protocol/muc#user'>" + inside + "</x>");
}
std::string owner(const std::string& inside) {
  return fault("<query xmlns='http://jabber.org/protocol/muc#owner'>" + inside + "</query>");
}
std::string admin(const std::string& inside) {
  return fault("<query xmlns='http://jabber.org/protocol/muc#admin'>" + inside + "</query>");
}

}  // namespace

TEST_CASE("what the schemas of XEP-0045 allow") {
  CHECK(user("") == "");
  CHECK(user("<status code='110'/><item role='none' affiliation='outcast' jid='a' nick='b'>"
             "<actor nick='x'/><reason>why</reason></item><status code='307'/>") == "");
  CHECK(user("<invite from='a@b' xml:lang='en'><reason/><continue thread='t'/></invite>"
             "<password>p</password>") == "");
  CHECK(admin("<item affiliation='owner' jid='a'/>"
              "<set xmlns='http://jabber.org/protocol/rsm'><count>2</count></set>") == "");
  CHECK(owner("<x xmlns='jabber:x:data' type='form'><field/></x>") == "");
  CHECK(owner("<destroy jid='r'><password>p</password><reason>why</reason></destroy>") == "");
  CHECK(fault("<x xmlns='http://jabber.org/protocol/muc'><history since='t'/></x>") == "");
  CHECK(fault("<x xmlns='http://jabber.org/protocol/muc#user'><new/></x>", "error") == "");
  CHECK(fault("<x xmlns='jabber:x:other' new='1'>text</x>") == "");
}

TEST_CASE("what the schemas of XEP-0045 do not allow") {
  for (const char* inside :
       {"<status/>", "<status code='99'/>", "<status code='1000'/>", "<status code='x10'/>", "text",
        "<item role='owner'/>", "<item affiliation='moderator'/>", "<item new='1'/>", "<new/>",
        "<item><reason/><actor nick='x'/></item>", "<item><reason/><reason/></item>",
        "<item><actor>text</actor></item>", "<destroy><reason/><password>p</password></destroy>",
        "<reason/>", "<hat xmlns='urn:xmpp:hats:0'/>"})
    CHECK_FALSE(user(inside).empty());
  CHECK_FALSE(admin("<item><continue/></item>").empty());
  CHECK_FALSE(admin("<x xmlns='jabber:x:data'/>").empty());
  CHECK_FALSE(owner("<x xmlns='jabber:x:data'/><destroy/>").empty());
  CHECK_FALSE(owner("<destroy><reason/><password>p</password></destroy>").empty());
  CHECK_FALSE(fault("<query xmlns='http://jabber.org/protocol/muc'/>").empty());
}
