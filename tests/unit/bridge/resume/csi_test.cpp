// SPDX-License-Identifier: Apache-2.0
#include "bridge/c2s/session/csi.h"

#include <catch2/catch.hpp>

using bridge::c2s::Held;
using bridge::c2s::may_wait;

TEST_CASE("presence may wait unless it is about the client itself or asks for something") {
  CHECK(may_wait("<presence from='romeo@localhost/orchard'/>"));
  CHECK(may_wait("<presence type='unavailable' from='r@chat.localhost/romeo'/>"));
  CHECK(may_wait("<presence from='r@chat.localhost/romeo'><show>away</show></presence>"));
  CHECK(may_wait("<presence from='r@chat.localhost/a>b type=error'/>"));
  CHECK_FALSE(may_wait("<presence from='r@chat.localhost/a>b' type='error'><error/></presence>"));
  CHECK_FALSE(may_wait("<presence type='subscribe' from='romeo@localhost'/>"));
  CHECK_FALSE(may_wait(
      "<presence from='r@chat.localhost/me'><x xmlns='http://jabber.org/protocol/muc#user'>"
      "<status code='110'/></x></presence>"));
}

TEST_CASE("of messages only bare chat states may wait") {
  const std::string state = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
  CHECK(may_wait("<message type='chat'>" + state + "</message>"));
  CHECK(may_wait("<message type='groupchat'>" + state +
                 "<thread>t</thread><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='r@c'/>"
                 "<no-store xmlns='urn:xmpp:hints'/></message>"));
  CHECK_FALSE(may_wait("<message type='chat'><body>hi</body>" + state + "</message>"));
  CHECK_FALSE(may_wait("<message type='groupchat'><subject/>" + state + "</message>"));
  CHECK_FALSE(may_wait("<message type='error'>" + state + "</message>"));
  CHECK_FALSE(may_wait("<message><body>http://jabber.org/protocol/chatstates</body></message>"));
  CHECK_FALSE(may_wait("<message/>"));
  CHECK_FALSE(may_wait("<iq type='get' id='1'>" + state + "</iq>"));
}

TEST_CASE("so many stanzas wait, or so many bytes") {
  Held held;
  const auto add = [&](std::size_t bytes) {
    held.add(base::make_payload(std::string(bytes, 'x')));
  };
  for (std::size_t i = 1; i < Held::stanzas_max; ++i) add(1);
  CHECK_FALSE(held.full());
  add(1);
  CHECK(held.full());
  CHECK(held.take().size() == Held::stanzas_max);
  CHECK_FALSE(held.full());
  add(Held::bytes_max - 1);
  CHECK_FALSE(held.full());
  add(1);
  CHECK(held.full());
  add(1);
  CHECK(held.full());
  CHECK(held.take().size() == 3);
  CHECK_FALSE(held.full());
}
