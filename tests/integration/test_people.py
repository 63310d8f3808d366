# SPDX-License-Identifier: Apache-2.0
"""What an account keeps, with clients written elsewhere: two of one person see the same contacts and
bookmarks, at once, after kill -9, and whichever way their client keeps bookmarks."""

import unittest

import clients
from client_case import ClientCase

USERS = {'juliet': 'juliets-secret-1', 'romeo': 'romeos-secret-2'}
ROOM = 'garden@chat.localhost'
BOOKMARKS = 'urn:xmpp:bookmarks:1'
OLD = "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'>%s</storage></query>"


class People(ClientCase):
    USERS = USERS

    def login(self, user='juliet'):
        client = clients.Slixmpp(user + '@localhost', USERS[user], self.server.port, self.ca_file,
                                 program='slixmpp_people.py')
        self.addCleanup(client.close)
        client.wait('session')
        return client

    def ask(self, client, *words):
        client.do(*words)
        return client.wait('answer', what=words[0])

    def done(self, client, *words):
        answer = self.ask(client, *words)
        self.assertIsNone(answer['error'], answer)
        return answer['xml']

    def wait_until_heard(self, one, other):
        """A client hears of bookmarks once the server has asked what the hash in its presence
        means."""
        for attempt in range(60):
            self.done(one, 'publish', 'first@chat.localhost', 'First %d' % attempt)
            try:
                return other.wait('pubsub', id='first@chat.localhost', timeout=1)
            except AssertionError:
                pass
        raise AssertionError('%s' % other.seen[-20:])

    def test_bookmarks_follow_a_person(self):
        balcony, chamber = self.login(), self.login()
        self.wait_until_heard(balcony, chamber)
        self.done(balcony, 'publish', ROOM, 'Garden')
        heard = chamber.wait('pubsub', id=ROOM)
        self.assertEqual((heard['node'], heard['what'], heard['name']),
                         (BOOKMARKS, 'item', 'Garden'))
        self.assertIn("jid='%s'" % ROOM,
                      self.done(chamber, 'ask', 'get', OLD % '').replace('"', "'"))
        self.server.kill9()
        self.server.start()
        balcony, chamber = self.login(), self.login()
        self.wait_until_heard(chamber, balcony)
        self.assertIn(ROOM, self.done(chamber, 'bookmarks'))
        # A client of the old way adds one and drops one.
        self.done(chamber, 'ask', 'set', OLD % (
            "<conference jid='%s' name='Garden' autojoin='true'/>"
            "<conference jid='hall@chat.localhost' name='Hall'/>" % ROOM))
        balcony.wait('pubsub', what='retract', id='first@chat.localhost')
        balcony.wait('pubsub', what='item', id='hall@chat.localhost', name='Hall')
        self.done(balcony, 'retract', ROOM)
        chamber.wait('pubsub', what='retract', id=ROOM)
        self.assertNotIn(ROOM, self.done(chamber, 'ask', 'get', OLD % ''))

    def test_contacts_are_pushed_and_kept(self):
        balcony, chamber = self.login(), self.login()
        self.done(balcony, 'contact', 'nurse@localhost', 'Nurse')
        pushed = chamber.wait('contact', jid='nurse@localhost', push=True)
        self.assertEqual((pushed['name'], pushed['subscription']), ('Nurse', 'none'))
        self.server.kill9()
        self.server.start()
        self.assertIn('Nurse', self.done(self.login(), 'roster'))

    def test_vcards_and_private_xml(self):
        juliet, romeo = self.login(), self.login('romeo')
        self.assertEqual(self.ask(romeo, 'vcard_get', 'juliet@localhost')['error'],
                         'service-unavailable')
        self.assertEqual(self.ask(romeo, 'vcard_get', 'nobody@localhost')['error'],
                         'service-unavailable')
        self.done(juliet, 'vcard_set', 'Juliet')
        self.assertIn('Juliet', self.done(romeo, 'vcard_get', 'juliet@localhost'))
        kept = "<query xmlns='jabber:iq:private'><p xmlns='urn:p'>%s</p></query>"
        self.done(juliet, 'ask', 'set', kept % 'remember-me')
        self.server.kill9()
        self.server.start()
        juliet, romeo = self.login(), self.login('romeo')
        self.assertIn('remember-me', self.done(juliet, 'ask', 'get', kept % ''))
        self.assertNotIn('remember-me', self.done(romeo, 'ask', 'get', kept % ''))
        self.assertIn('Juliet', self.done(romeo, 'vcard_get', 'juliet@localhost'))

    @unittest.skipUnless(clients.shutil.which('profanity'), 'profanity is not installed')
    def test_who_leaves_before_the_answer(self):
        """A change, an unknown capability and the end in one write: the question about the capability
        comes back to a person whose last session is over."""
        for number in range(5):
            with self.server.login('juliet') as client:
                client.send(
                    "<iq type='set' id='s%d'><query xmlns='jabber:iq:private'><x xmlns='y'>%d</x>"
                    "</query></iq><presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
                    "node='n' ver='unknown%d='/></presence></stream:stream>" % ((number,) * 3))
                client.wait_closed()
        with self.server.login('juliet') as client:
            answer = client.request("<query xmlns='jabber:iq:private'><x xmlns='y'/></query>")
            self.assertEqual(answer.find('.//{y}x').text, '4')

    def test_profanity_sees_what_slixmpp_marks(self):
        juliet = self.login()
        self.done(juliet, 'publish', ROOM, 'Garden')
        profanity = clients.Profanity()
        self.addCleanup(profanity.close)
        profanity.connect('juliet@localhost', USERS['juliet'], self.server.port)
        profanity.type('/bookmark list')
        profanity.expect(ROOM)
        profanity.type('/bookmark add hall@chat.localhost')
        juliet.wait('pubsub', what='item', id='hall@chat.localhost')


if __name__ == '__main__':
    unittest.main()
