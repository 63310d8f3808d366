# SPDX-License-Identifier: Apache-2.0
"""BI-STZ and BI-BIND over the wire: whatever a logged-in client sends, others get what it means or
nothing."""

import unittest
import xml.etree.ElementTree as ET

import raw
from harness import ServerCase, until

ROOM = 'whole@chat.localhost'
BODY = raw.q(raw.CLIENT, 'body')
LANG = '{http://www.w3.org/XML/1998/namespace}lang'


class Stanzas(ServerCase):

    def answer(self, client, stanza_id):
        return client.wait(lambda e: e.get('id') == stanza_id, what='answer to ' + stanza_id)

    def logged_in(self):
        client = self.tls()
        client.open_stream()
        client.auth_plain('alice', self.users['alice'])
        client.open_stream()
        return client

    def in_the_room(self):
        alice, bob = self.login('alice'), self.login('bob')
        alice.join(ROOM, 'Alice')
        bob.join(ROOM, 'Bob')
        return alice, bob

    def heard(self, client, stanza_id):
        return client.wait(lambda e: e.get('id') == stanza_id and e.get('type') == 'groupchat',
                           what='message ' + stanza_id)

    def test_BI_BIND_01_nobody_else_before_binding(self):
        bob = self.login('bob')
        for stanza in ("<message to='%s'><body>x</body></message>" % bob.jid,
                       "<presence to='%s'/>" % bob.jid, "<presence to='%s/x'/>" % ROOM,
                       "<iq type='get' id='1' to='%s'><ping xmlns='%s'/></iq>" % (bob.jid, raw.PING)):
            with self.subTest(stanza=stanza):
                client = self.logged_in()
                client.send(stanza)
                self.expect_stream_error(client, 'not-authorized')
        bob.ping()
        self.assertEqual(bob.reader.elements, [])

    def test_BI_BIND_02_resources(self):
        for bad in ('r' * 1024, 'r' * 1023 + 'ž', 'r' * 1022 + 'ž', '&#x202e;gnp', '&#x200f;x',
                    '&#x85;', 'a&#x7f;b'):
            with self.subTest(resource=bad[-10:]):
                client = self.logged_in()
                client.send("<iq type='set' id='b'><bind xmlns='%s'><resource>%s</resource></bind>"
                            "</iq>" % (raw.BIND, bad))
                self.assertEqual(raw.error_of(self.answer(client, 'b')), ('modify', 'bad-request'))
                self.assertEqual(client.bind('r' * 1021 + 'ž'),
                                 'alice@localhost/' + 'r' * 1021 + 'ž')
                client.end()

    def test_BI_STZ_01_forged_senders(self):
        alice, bob = self.login('alice'), self.login('bob')
        for forged in ('eve@localhost', 'alice@localhost/elsewhere', 'bob@localhost', 'localhost',
                       '@', ''):
            with self.subTest(forged=forged):
                for stanza in ("<message from='%s' to='%s' id='f'><body>x</body></message>",
                               "<presence from='%s' to='%s' id='f'/>",
                               "<iq type='get' from='%s' to='%s' id='f'><ping xmlns='" + raw.PING +
                               "'/></iq>"):
                    alice.send(stanza % (forged, bob.jid))
                    self.assertEqual(self.answer(bob, 'f').get('from'), alice.jid)
        alice.join(ROOM, 'Alice')
        alice.send("<message from='mallory.forged@localhost/x' to='%s' type='groupchat' id='f1'>"
                   "<body>x</body></message>" % ROOM)
        self.assertEqual(self.heard(alice, 'f1').get('from'), ROOM + '/Alice')

        def archived():
            parts = self.server.storage.rows('archive', 'SELECT kind, data FROM part')
            return '\n'.join(str(row) for row in parts)
        until(lambda: "'f1'" in archived(), what='the copy in the archive')
        self.assertNotIn('mallory.forged', archived())
        self.assertNotIn('mallory.forged', self.server.tail(1000))

    def test_BI_STZ_02_addresses(self):
        alice = self.login('alice')
        for to in ('@d', 'a@', 'a@b@c', 'a@ex ample', 'x' * 1024 + '@localhost', 'a@127.0.0.1',
                   'a@[::1]', '[::1]', '127.0.0.1', 'a@-x.', 'a@.', 'a b@localhost', '/x', '',
                   'a@localhost/', 'a@localhost/' + 'r' * 1024):
            for stanza in ("<message to='%s' id='a'><body>x</body></message>",
                           "<presence to='%s' id='a'/>",
                           "<iq type='get' to='%s' id='a'><ping xmlns='" + raw.PING + "'/></iq>"):
                with self.subTest(to=to[:20], stanza=stanza[:5]):
                    alice.send(stanza % to)
                    answer = self.answer(alice, 'a')
                    self.assertEqual(raw.error_of(answer), ('modify', 'jid-malformed'))
                    self.assertIsNone(answer.get('from'))
        alice.send("<message to='%s@localhost' id='a'><body>x</body></message>" % ('x' * 1023))
        self.assertEqual(raw.error_of(self.answer(alice, 'a')), ('cancel', 'service-unavailable'))

    def test_BI_STZ_08_10_payload_reaches_every_receiver_as_it_was(self):
        alice, bob = self.in_the_room()
        payload = (
            "<body>\"'&lt;&gt;&amp;]]&gt; \t\n &#x85; &#x2028; &#xFFFD; &#x1F600; é</body>"
            "<p:x xmlns:p='urn:example:p' a='&quot;&apos;&lt;&gt;&amp;&#9;&#10;&#13;]]&gt;' "
            "p:a='other' xml:lang='it'><y xmlns=''><z xmlns='jabber:server'/>text</y>"
            "<q xmlns='jabber:client'/><![CDATA[<b>&]]>tail</p:x>")
        sent = ET.fromstring("<message xmlns='jabber:client'>%s</message>" % payload)
        wanted = [ET.canonicalize(ET.tostring(child)) for child in sent]
        alice.send("<message to='%s' type='groupchat' id='w'>%s</message>" % (ROOM, payload))
        alice.send("<message to='%s' type='chat' id='d'>%s</message>" % (bob.jid, payload))
        got = [self.heard(alice, 'w'), self.heard(bob, 'w'), self.answer(bob, 'd')]
        for message in got:
            children = [ET.canonicalize(ET.tostring(child)) for child in list(message)[:2]]
            self.assertEqual(children, wanted)
        bob.leave(ROOM, 'Bob')
        bob.send("<presence to='%s/Bob'><x xmlns='%s'><history maxstanzas='1'/></x></presence>" %
                 (ROOM, raw.MUC))
        again = bob.wait(lambda e: e.get('id') == 'w' and raw.is_delayed(e))
        self.assertEqual([ET.canonicalize(ET.tostring(child)) for child in list(again)[:2]], wanted)

    def test_BI_STZ_09_control_elements(self):
        alice, bob = self.in_the_room()
        for child in ("<stream:error><not-authorized xmlns='%s'/></stream:error>" %
                      raw.STREAM_ERRORS, '<stream:stream/>', '<stream:features/>'):
            for to in (ROOM, bob.jid):
                with self.subTest(child=child, to=to):
                    alice.send("<message to='%s' id='c'><body>x</body>%s</message>" % (to, child))
                    self.assertEqual(raw.error_of(self.answer(alice, 'c')),
                                     ('modify', 'bad-request'))
        text = '</stream:stream>]]><stream:error/>'
        alice.send("<message to='%s' type='groupchat' id='t'><body>%s</body></message>" %
                   (ROOM, text.replace('<', '&lt;').replace('>', '&gt;')))
        self.assertEqual(self.heard(bob, 't').find(BODY).text, text)
        bob.ping()
        self.assertEqual([e for e in bob.reader.elements if e.get('id') == 'c'], [])

    def test_BI_STZ_12_stanza_ids_in_the_name_of_the_room(self):
        alice, bob = self.in_the_room()
        forged = ''.join("<stanza-id xmlns='%s' by='%s' id='forged'/>" % (raw.STANZA_ID, by)
                         for by in (ROOM, ROOM.upper(), ROOM.replace('w', 'ｗ'), ROOM + '.'))
        alice.send("<message to='%s' type='groupchat' id='s'>%s<body>x</body>"
                   "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'>"
                   "<stanza-id xmlns='%s' by='%s' id='deep'/></message></forwarded></message>" %
                   (ROOM, forged, raw.STANZA_ID, ROOM))
        message = self.heard(bob, 's')
        ids = [e for e in message if e.tag == raw.q(raw.STANZA_ID, 'stanza-id')]
        self.assertEqual([e.get('by') for e in ids], [ROOM])
        self.assertNotIn(ids[0].get('id'), ('forged', 'deep'))

    def test_BI_STZ_13_occupant_ids(self):
        alice, bob = self.in_the_room()
        tag = raw.q('urn:xmpp:occupant-id:0', 'occupant-id')
        forged = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>"
        alice.send("<message to='%s' type='groupchat' id='o1'>%s<body>x</body>%s</message>" %
                   (ROOM, forged, forged))
        alice.send("<message to='%s/Bob' type='chat' id='o2'>%s<body>x</body>%s</message>" %
                   (ROOM, forged, forged))
        alice.send("<presence to='%s/Alice' id='o3'>%s<status>o3</status>%s</presence>" %
                   (ROOM, forged, forged))
        status = raw.q(raw.CLIENT, 'status')
        own = set()
        for found in (lambda e: e.get('id') == 'o1', lambda e: e.get('id') == 'o2',
                      lambda e: e.find(status) is not None and e.find(status).text == 'o3'):
            ids = [e.get('id') for e in bob.wait(found) if e.tag == tag]
            self.assertEqual(len(ids), 1)
            own.update(ids)
        self.assertEqual(len(own), 1)
        self.assertNotIn('forged', own)

    def test_BI_STZ_14_15_wrappers_and_languages(self):
        alice, bob = self.in_the_room()
        forged = ("<message xmlns='jabber:client' from='eve@localhost' to='bob@localhost'>"
                  "<body>forged</body></message>")
        for wrapper in ("<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                        "%s</forwarded></received>",
                        "<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>%s"
                        "</forwarded></sent>",
                        "<result xmlns='urn:xmpp:mam:2' id='1'><forwarded "
                        "xmlns='urn:xmpp:forward:0'>%s</forwarded></result>"):
            for to, type_ in ((bob.jid, 'chat'), (ROOM, 'groupchat')):
                alice.send("<message to='%s' type='%s' id='w'>%s<body>x</body></message>" %
                           (to, type_, wrapper % forged))
                self.assertNotIn('forged', raw.to_text(self.answer(bob, 'w')))
        for lang in ('x' * 10240, 'e n', '&lt;'):
            alice.send("<message to='%s' id='l' xml:lang='%s'><body xml:lang='%s'>x</body></message>"
                       % (bob.jid, lang, lang))
            message = self.answer(bob, 'l')
            self.assertIsNone(message.get(LANG))
            self.assertIsNone(message.find(BODY).get(LANG))

    def test_BI_STZ_04_05_answers_to_nothing(self):
        alice, bob = self.login('alice'), self.login('bob')
        bob.send("<iq type='get' to='%s' id='known'><ping xmlns='%s'/></iq>" % (alice.jid, raw.PING))
        self.answer(alice, 'known')
        eve = self.login('eve')
        for client in (eve, alice):
            for type_ in ('result', 'error'):
                for to in ('localhost', 'chat.localhost', ROOM, ROOM + '/x', 'bob@localhost'):
                    client.send("<iq type='%s' to='%s' id='known'/>" % (type_, to))
        for name in ('message', 'presence'):
            for to in ('localhost', 'chat.localhost', ROOM, ROOM + '/x', 'bob@localhost',
                       'nobody@localhost'):
                eve.send("<%s type='error' to='%s' id='e'/>" % (name, to))
        for client in (eve, alice, bob):
            client.ping()
            client.ping(to='chat.localhost')
            self.assertEqual(client.reader.elements, [])

    def test_BI_STZ_20_a_stanza_counts_when_it_ends(self):
        alice, bob = self.in_the_room()
        begun = "<message to='%s' type='groupchat' id='%s'><body>half</body>"
        alice.send(begun % (ROOM, 'h1'))
        bob.say(ROOM, 'meanwhile', 'm1')
        self.heard(bob, 'm1')
        bob.ping(to=ROOM)
        self.assertEqual([e for e in bob.reader.elements if e.get('id') == 'h1'], [])
        alice.send('</message>')
        self.heard(bob, 'h1')
        alice.send(begun % (ROOM, 'h2'))
        alice.abort()
        bob.wait(lambda e: e.get('type') == 'unavailable' and e.get('from') == ROOM + '/Alice',
                 timeout=raw.PATIENCE)
        bob.ping(to=ROOM)
        self.assertEqual([e for e in bob.reader.elements if e.get('id') == 'h2'], [])

    def test_direct_invitations_pass(self):
        """XEP-0249: between accounts, the server has no part in them."""
        alice, bob = self.login('alice'), self.login('bob')
        alice.send("<message to='%s' id='i'><x xmlns='jabber:x:conference' jid='%s' "
                   "password='cauldronburn' reason='Come' continue='true' thread='t'/></message>" %
                   (bob.jid, ROOM))
        x = self.answer(bob, 'i').find(raw.q('jabber:x:conference', 'x'))
        self.assertEqual(dict(x.attrib), {'jid': ROOM, 'password': 'cauldronburn', 'reason': 'Come',
                                          'continue': 'true', 'thread': 't'})

    def test_a_room_invites_who_is_online(self):
        alice, bob = self.login('alice'), self.login('bob')
        bob.send('<presence/>')
        bob.ping()
        alice.join(ROOM, 'Alice')
        alice.send("<message to='%s' id='i'><x xmlns='%s'><invite to='bob@localhost'/></x></message>"
                   % (ROOM, raw.MUC_USER))
        message = bob.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'message'))
        self.assertEqual((message.get('from'), message.get('to')), (ROOM, 'bob@localhost'))
        invite = message.find('{%s}x/{%s}invite' % (raw.MUC_USER, raw.MUC_USER))
        self.assertEqual(invite.get('from'), 'alice@localhost')


if __name__ == '__main__':
    unittest.main()
