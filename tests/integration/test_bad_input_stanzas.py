# SPDX-License-Identifier: Apache-2.0
"""BI-STZ and BI-MUC over the wire: what is refused is told to the client that sent it."""

import unittest

import raw
from harness import ServerCase

ROOM = 'bad-input@chat.localhost'


class Stanzas(ServerCase):

    def answer(self, client, stanza_id):
        return client.wait(lambda e: e.get('id') == stanza_id, what='answer to ' + stanza_id)

    def test_BI_MUC_19_subscription_to_a_room(self):
        alice = self.login('alice')
        alice.join(ROOM, 'Alice')
        alice.send("<presence to='%s' type='subscribe' id='t2'/>" % ROOM)
        answer = self.answer(alice, 't2')
        self.assertEqual(answer.tag, raw.q(raw.CLIENT, 'presence'))
        self.assertEqual(answer.get('type'), 'error')
        self.assertEqual(answer.get('from'), ROOM)
        self.assertEqual(answer.get('to'), alice.jid)
        self.assertEqual(raw.error_of(answer), ('modify', 'bad-request'))

    def test_subscription_to_an_account(self):
        alice, bob = self.login('alice'), self.login('bob')
        for to in ('bob@localhost', bob.jid, 'nobody@localhost', 'alice@localhost', 'localhost'):
            with self.subTest(to=to):
                alice.send("<presence to='%s' type='subscribe' id='%s'/>" % (to, alice.new_id()))
                answer = alice.wait(lambda e: e.get('type') == 'error')
                self.assertEqual(answer.get('from'), to)
                self.assertEqual(raw.error_of(answer), ('cancel', 'service-unavailable'))
        bob.ping()
        self.assertEqual(bob.reader.elements, [])

    def test_BI_STZ_11_a_message_dated_in_the_name_of_a_room(self):
        alice, bob = self.login('alice'), self.login('bob')
        for forged in (ROOM, ROOM.upper(), ROOM + '/Alice', 'chat.localhost', 'localhost'):
            with self.subTest(forged=forged):
                alice.send("<message to='%s' type='chat' id='f'><body>x</body>"
                           "<delay xmlns='%s' from='%s' stamp='2000-01-01T00:00:00Z'/>"
                           "<stanza-id xmlns='urn:xmpp:sid:0' by='%s' id='1'/></message>" %
                           (bob.jid, raw.DELAY, forged, forged))
                got = self.answer(bob, 'f')
                # What is left of it, and the id in bob's own archive.
                self.assertEqual([raw.local_name(child) for child in got], ['body', 'stanza-id'])
                self.assertEqual(got[1].get('by'), 'bob@localhost')
                self.assertNotEqual(got[1].get('id'), '1')

    def test_the_language_of_the_stream(self):
        alice = self.tls()
        alice.open_stream()
        alice.auth_plain('alice', self.users['alice'])
        alice.open_stream(extra="xml:lang='it'")
        alice.bind()
        bob = self.login('bob')
        lang = '{http://www.w3.org/XML/1998/namespace}lang'
        for own, heard in (('', 'it'), (" xml:lang='de'", 'de')):
            alice.send("<message to='%s' id='l'%s><body>ciao</body></message>" % (bob.jid, own))
            self.assertEqual(self.answer(bob, 'l').get(lang), heard)


if __name__ == '__main__':
    unittest.main()
