# SPDX-License-Identifier: Apache-2.0
"""A connection is cut in mid-message and resumed (XEP-0198): nothing is lost or doubled in either
direction, and the order is kept."""

import os
import unittest

import clients
import harness
import raw
from harness import Server, until
from managed import SM, Managed

STORAGES = ('sqlite', 'postgresql')

ROOM = 'talk@chat.localhost'
CUTS = 12


class Resume(unittest.TestCase):

    def setUp(self):
        self.server = Server({'limits': harness.UNLIMITED_RATES},
                             {'anna': 'annas-secret-1', 'bob': 'bobs-secret-2'})
        self.addCleanup(self.server.remove)
        self.server.start()
        self.bob = self.server.login('bob')
        self.addCleanup(self.bob.close)
        self.bob.join(ROOM, 'bob')
        self.bob_heard = []

    def managed(self):
        anna = Managed(self.server, 'anna')
        self.addCleanup(lambda: anna.close())
        return anna

    def enter(self, anna):
        anna.send("<presence to='%s/anna'><x xmlns='%s'><history maxstanzas='0'/></x></presence>" %
                  (ROOM, raw.MUC))
        self.bob.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                      e.get('from') == ROOM + '/anna', what='anna')

    def bob_hears(self):
        self.bob.drain()
        elements, self.bob.reader.elements = self.bob.reader.elements, []
        self.bob_heard += [e for e in elements if e.tag == raw.q(raw.CLIENT, 'message')]
        self.assertFalse([e for e in elements if e.tag == raw.q(raw.CLIENT, 'presence')],
                         'anna never left')
        return [m.findtext(raw.q(raw.CLIENT, 'body')) for m in self.bob_heard]

    def held(self):
        """Nothing can be recorded meanwhile."""
        return self.server.storage.held('content')

    def both_heard_the_same(self, anna, last, sent):
        until(lambda: last in anna.bodies(ROOM), what='the last message for anna')
        until(lambda: last in self.bob_hears(), what='the last message for bob')
        self.assertEqual(anna.bodies(ROOM), self.bob_hears())
        self.assertEqual(sorted(self.bob_hears()), sorted(sent))  # each once
        for who in ('anna', 'bob'):
            self.assertEqual([b for b in self.bob_hears() if b.startswith(who)],
                             [b for b in sent if b.startswith(who)])

    def test_cut_in_mid_message(self):
        anna, sent = self.managed(), []
        self.enter(anna)

        def talk(who, say):
            body = '%s %d' % (who, len(sent))
            sent.append(body)
            say(ROOM, body)
        for cut in range(CUTS):
            for _ in range(5):
                talk('anna', anna.say)
                talk('bob', self.bob.say)
            if cut % 3 == 0:
                anna.look()
                anna.request()
            # Half of the next message is under way when the connection breaks.
            body = 'anna %d' % len(sent)
            sent.append(body)
            whole = "<message to='%s' type='groupchat' id='%s'><body>%s</body></message>" % (
                ROOM, body, body)
            anna.waiting.append(whole)
            anna.cut(whole[:len(whole) // 2])
            for _ in range(5):
                talk('bob', self.bob.say)
            anna.resume()
        talk('bob', self.bob.say)
        self.both_heard_the_same(anna, sent[-1], sent)

    def test_h_does_not_run_ahead_of_the_record(self):
        anna = self.managed()
        self.enter(anna)
        until(lambda: self.settled(anna), what='h')
        with self.held():
            said = ['anna %d' % n for n in range(20)]
            for body in said:
                anna.say(ROOM, body)
            claimed = anna.acked
            anna.request()
            until(lambda: self.answered(anna), what='an answer to the last request')
            self.assertEqual(anna.acked, claimed)
            anna.cut()
            anna.begin_return()
            self.bob.ping()
            self.assertEqual(self.bob_hears(), [])
            anna.client.drain()
            self.assertEqual(anna.client.reader.elements, [], 'resumed before it is settled')
        self.assertEqual(anna.finish_return().tag, raw.q(SM, 'resumed'))
        self.assertEqual(anna.waiting, [])
        anna.say(ROOM, 'anna last')
        self.both_heard_the_same(anna, 'anna last', said + ['anna last'])

    @staticmethod
    def settled(anna):
        anna.request()
        anna.look()
        return not anna.waiting

    @staticmethod
    def answered(anna):
        """All that was sent before the last request is read."""
        anna.look()
        return anna.unanswered == 0

    def test_a_new_password_ends_what_could_be_resumed(self):
        anna = self.managed()
        self.enter(anna)
        anna.cut()
        done = self.server.command('user', 'passwd', 'anna@localhost', '--password-stdin',
                                   input='another-secret-9\n')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.bob.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                      e.get('from') == ROOM + '/anna' and e.get('type') == 'unavailable',
                      what='that anna leaves')
        self.server.users['anna'] = 'another-secret-9'
        anna.begin_return()
        answer = anna.finish_return()
        self.assertEqual(answer.tag, raw.q(SM, 'failed'))
        self.assertIsNotNone(answer.find(raw.q(raw.STANZA_ERRORS, 'item-not-found')))

    def test_entering_a_large_room_ends_nobody(self):
        limit = 500
        people = [self.server.login('bob', resource='p%d' % n) for n in range(9)]
        for person in people:
            self.addCleanup(person.close)
        rooms = ['many%d@chat.localhost' % n for n in range(limit // 9 + 10)]
        for room in rooms:
            for n, person in enumerate(people):
                person.join(room, 'p%d' % n)
        anna = self.managed()
        for room in rooms:  # more presences at once than may wait
            anna.send("<presence to='%s/anna'><x xmlns='%s'/></presence>" % (room, raw.MUC))
        until(lambda: self.settled(anna), what='that all are entered')
        until(lambda: sum('110' in raw.status_codes(p) for p in anna.heard) == len(rooms),
              what='every room')
        self.assertGreater(len(anna.heard), limit)

    def test_slixmpp(self):
        port, ca_file = self.server.port, os.path.join(self.server.data, 'tls',
                                                      'fullchain.pem')
        anna = clients.Slixmpp('anna@localhost', 'annas-secret-1', port, ca_file, 'managed')
        self.addCleanup(anna.close)
        for _ in range(2):
            anna.wait_any({'session', 'managed'})
        anna.do('join', ROOM, 'anna')
        anna.wait('presence', room=ROOM, nick='anna')
        anna.wait('subject')
        for turn in range(3):
            for number in range(3):
                self.bob.say(ROOM, 'before %d.%d' % (turn, number))
            anna.do('cut')
            for number in range(3):
                self.bob.say(ROOM, 'after %d.%d' % (turn, number))
            anna.wait('resumed')
            anna.say(ROOM, 'anna %d' % turn)
            self.bob.hear(ROOM, 'anna %d' % turn)
            anna.wait('message', body='anna %d' % turn)
        heard = [e['body'] for e in anna.seen if e['event'] == 'message']
        wanted = [line for turn in range(3) for line in
                  ['before %d.%d' % (turn, n) for n in range(3)] +
                  ['after %d.%d' % (turn, n) for n in range(3)] + ['anna %d' % turn]]
        self.assertEqual(heard, wanted)
        anna.quit()


if __name__ == '__main__':
    unittest.main()
