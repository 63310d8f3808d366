# SPDX-License-Identifier: Apache-2.0
"""The main job: accounts made by command line, clients written elsewhere log in over TLS with
SCRAM, meet in a room, talk both ways, leave, come back and see the history, also after kill -9."""

import os
import unittest

import clients
import raw
from harness import Server

STORAGES = ('sqlite', 'postgresql')

USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2', 'carol': 'carols-secret-3'}


class MainJob(unittest.TestCase):
    server = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        try:
            for user, password in USERS.items():
                done = cls.server.command('user', 'add', user + '@localhost', '--password-stdin',
                                          input=password + '\n')
                if done.returncode != 0:
                    raise AssertionError('user add: %s' % done.stderr)
            cls.server.users = USERS
            cls.server.start()
        except BaseException:
            cls.server.remove()
            raise
        cls.ca_file = os.path.join(cls.server.data, 'tls', 'fullchain.pem')

    @classmethod
    def tearDownClass(cls):
        try:
            cls.server.stop()
        finally:
            cls.server.remove()

    def tearDown(self):
        self.assertTrue(self.server.alive(), self.server.tail())
        self.server.check_reports()

    def started(self, client):
        self.addCleanup(client.close)
        return client

    def slixmpp(self, user, mechanism='SCRAM-SHA-256'):
        client = self.started(clients.Slixmpp(user + '@localhost', USERS[user], self.server.port,
                                              self.ca_file))
        session = client.wait('session')
        self.assertEqual(session['mechanism'], mechanism)
        self.assertIn(session['tls'], ('TLSv1.2', 'TLSv1.3'))
        return client

    def strophe(self, user, room, nick, message, expect=None):
        return self.started(clients.Strophe('%s@localhost/strophe' % user, USERS[user],
                                            self.server.port, room, nick, message, expect))

    def profanity(self, user, port=None, tls='trust'):
        client = self.started(clients.Profanity())
        client.connect(user + '@localhost', USERS[user], port or self.server.port, tls)
        return client

    def history(self, user, room):
        """[(nick, body)] as a newcomer is shown it."""
        with self.server.login(user, 'SCRAM-SHA-256') as client:
            own, past, _ = client.join(room, 'reader', "maxstanzas='100'")
            self.assertNotEqual(own.get('type'), 'error', raw.to_text(own))
            return [(m.get('from').split('/', 1)[1], m.findtext(raw.q(raw.CLIENT, 'body')))
                    for m in past]

    def crash_and_restart(self):
        self.server.kill9()
        self.server.start()

    def test_two_slixmpp_clients(self):
        room = 'two-slix@chat.localhost'
        alice, bob = self.slixmpp('alice'), self.slixmpp('bob')
        own = alice.join(room, 'Alice')
        self.assertIn('201', own['codes'])
        bob.join(room, 'Bob')
        alice.wait('presence', room=room, nick='Bob', type='available')
        alice.say(room, 'good morning, Bob')
        heard = bob.wait('message', body='good morning, Bob', nick='Alice', history=False)
        reflected = alice.wait('message', body='good morning, Bob', nick='Alice')
        self.assertEqual(heard['stanza_id'], reflected['stanza_id'])
        self.assertTrue(heard['stanza_id'])
        bob.say(room, 'good morning, Alice')
        alice.wait('message', body='good morning, Alice', nick='Bob', history=False)
        bob.wait('message', body='good morning, Alice')
        bob.do('leave', room, 'Bob')
        alice.wait('presence', room=room, nick='Bob', type='unavailable')
        bob.wait('presence', room=room, nick='Bob', type='unavailable')
        alice.say(room, 'while you were away')
        alice.wait('message', body='while you were away')
        bob.do('join', room, 'Bob')
        for body in ('good morning, Bob', 'good morning, Alice', 'while you were away'):
            bob.wait('message', room=room, body=body, history=True)
        bob.wait('subject', room=room)
        alice.quit()
        bob.quit()
        said = [('Alice', 'good morning, Bob'), ('Bob', 'good morning, Alice'),
                ('Alice', 'while you were away')]
        self.assertEqual(self.history('carol', room), said)
        self.crash_and_restart()
        self.assertEqual(self.history('carol', room), said)
        # Both come back after the crash and go on where they were.
        alice, bob = self.slixmpp('alice'), self.slixmpp('bob')
        own = alice.join(room, 'Alice')
        self.assertNotIn('201', own['codes'])
        bob.join(room, 'Bob')
        bob.say(room, 'still here')
        alice.wait('message', body='still here', nick='Bob', history=False)
        self.assertEqual(self.history('carol', room), said + [('Bob', 'still here')])

    def test_private_messages(self):
        room = 'whisper@chat.localhost'
        alice, bob = self.slixmpp('alice'), self.slixmpp('bob')
        alice.join(room, 'Alice')
        bob.join(room, 'Bob')
        alice.do('private', room + '/Bob', 'between us')
        heard = bob.wait('message', body='between us', type='chat')
        self.assertEqual(heard['nick'], 'Alice')
        self.assertEqual(self.history('carol', room), [])

    def test_slixmpp_with_libstrophe(self):
        room = 'slix-strophe@chat.localhost'
        alice = self.slixmpp('alice')
        alice.join(room, 'Alice')
        bob = self.strophe('bob', room, 'Bob', 'hello from libstrophe', 'hello from slixmpp')
        alice.wait('message', body='hello from libstrophe', nick='Bob')
        alice.say(room, 'hello from slixmpp')
        self.assertEqual(bob.finish(), [('Bob', 'hello from libstrophe'),
                                        ('Alice', 'hello from slixmpp')])
        alice.wait('presence', room=room, nick='Bob', type='unavailable')

    def test_two_libstrophe_clients(self):
        room = 'two-strophe@chat.localhost'
        watcher = self.slixmpp('carol')
        watcher.join(room, 'Watcher')
        alice = self.strophe('alice', room, 'Alice', 'first', 'second')
        watcher.wait('message', body='first', nick='Alice')
        bob = self.strophe('bob', room, 'Bob', 'second')
        self.assertEqual(bob.finish(), [('history Alice', 'first'), ('Bob', 'second')])
        self.assertEqual(alice.finish(), [('Alice', 'first'), ('Bob', 'second')])
        self.crash_and_restart()
        again = self.strophe('bob', room, 'Bob', 'third').finish()
        self.assertEqual(again, [('history Alice', 'first'), ('history Bob', 'second'),
                                 ('Bob', 'third')])

    def test_profanity_with_slixmpp(self):
        room = 'prof-slix@chat.localhost'
        carol = self.profanity('carol')
        carol.make(room, 'carol')
        alice = self.slixmpp('alice')
        alice.join(room, 'Alice')
        carol.expect('-> Alice has joined the room')
        carol.type('typed by a person')
        alice.wait('message', body='typed by a person', nick='carol')
        alice.say(room, 'answered by a program')
        carol.expect('Alice: answered by a program')
        alice.do('leave', room, 'Alice')
        carol.expect('<- Alice has left the room')
        carol.quit()
        self.crash_and_restart()
        back = self.profanity('carol', self.server.tls_port, 'legacy')
        back.join(room, 'carol')
        back.expect('typed by a person')
        back.expect('answered by a program')
        back.quit()

    def test_two_people_at_profanity(self):
        room = 'two-prof@chat.localhost'
        alice, bob = self.profanity('alice'), self.profanity('bob')
        alice.make(room, 'alice')
        bob.join(room, 'bob')
        alice.type('knock knock')
        bob.expect('alice: knock knock')
        bob.type('who is there?')
        alice.expect('bob: who is there?')
        alice.quit()
        bob.expect('<- alice has left the room')
        bob.quit()
        self.assertEqual(self.history('carol', room),
                         [('alice', 'knock knock'), ('bob', 'who is there?')])

    def test_raw_clients_over_every_door(self):
        room = 'doors@chat.localhost'
        said = []
        for mechanism in ('SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'):
            for direct in (False, True):
                client = self.server.tls() if direct else self.server.plain()
                with client.login('alice', USERS['alice'], mechanism, 'desk'):
                    self.assertEqual(client.jid, 'alice@localhost/desk')
                    body = '%s %s' % (mechanism, 'direct' if direct else 'STARTTLS')
                    own, past, _ = client.join(room, 'Alice', "maxstanzas='100'")
                    self.assertEqual([m.findtext(raw.q(raw.CLIENT, 'body')) for m in past], said)
                    client.say(room, body)
                    client.hear(room, body)
                    said.append(body)
                    client.leave(room, 'Alice')
                    client.end()

    def test_history_selectors(self):
        """XEP-0045 7.2.13: maxstanzas, maxchars, seconds, since."""
        room = 'selectors@chat.localhost'
        client = self.started(self.server.login('alice', 'SCRAM-SHA-256'))
        client.join(room, 'Alice')
        stamps = []
        for i in range(5):
            client.say(room, 'message %d' % i)
            client.hear(room, 'message %d' % i)
        reader = self.started(self.server.login('bob', 'SCRAM-SHA-256'))

        def bodies(selector):
            _, past, _ = reader.join(room, 'Reader', selector)
            stamps[:] = [m.find(raw.q(raw.DELAY, 'delay')).get('stamp') for m in past]
            for m in past:
                self.assertEqual(m.find(raw.q(raw.DELAY, 'delay')).get('from'), room)
                self.assertIsNotNone(m.find(raw.q(raw.STANZA_ID, 'stanza-id')))
            reader.leave(room, 'Reader')
            return [m.findtext(raw.q(raw.CLIENT, 'body')) for m in past]
        everything = ['message %d' % i for i in range(5)]
        self.assertEqual(bodies(''), everything)
        first = stamps[0]
        self.assertEqual(stamps, sorted(stamps))
        self.assertEqual(bodies("maxstanzas='2'"), everything[-2:])
        self.assertEqual(bodies("maxstanzas='0'"), [])
        self.assertEqual(bodies("maxchars='0'"), [])
        self.assertEqual(bodies("seconds='3600'"), everything)
        self.assertEqual(bodies("since='%s'" % first), everything)
        self.assertEqual(bodies("since='2099-01-01T00:00:00Z'"), [])
        self.assertEqual(bodies("since='1970-01-01T00:00:00Z' maxstanzas='1'"), everything[-1:])
        some = bodies("maxchars='1200'")
        self.assertTrue(0 < len(some) < 5, some)
        self.assertEqual(some, everything[-len(some):])


if __name__ == '__main__':
    unittest.main()
