# SPDX-License-Identifier: Apache-2.0
"""The configured limits over the wire, each at N-1, N and N+1, also after the restarts of a stream
that could have lost them (STARTTLS, SASL)."""

import threading
import time
import unittest

import raw
from harness import ServerCase, UNLIMITED_RATES, until

ROOM = 'limits@chat.localhost'


def padded(template, size):
    """`template` has one %s; filled so that the whole has `size` bytes."""
    text = template % ('x' * (size - len(template % '')))
    assert len(text) == size
    return text


class BeforeLogin(ServerCase):
    """A stanza before login is refused in any case; which refusal tells whether it was read."""

    DOORS = ('plain', 'starttls', 'tls')

    def door(self, name):
        client = self.tls() if name == 'tls' else self.plain()
        client.open_stream()
        if name == 'starttls':
            client.starttls()
            client.open_stream()
        return client

    def outcome(self, door, data):
        client = self.door(door)
        client.send(data)
        return raw.stream_condition(self.expect_stream_error(client, 'not-authorized',
                                                             'policy-violation'))

    def check(self, make, limit):
        for door in self.DOORS:
            for n, expected in ((limit - 1, 'not-authorized'), (limit, 'not-authorized'),
                                (limit + 1, 'policy-violation')):
                with self.subTest(door=door, n=n):
                    self.assertEqual(self.outcome(door, make(n)), expected)

    def test_LIM_PRE_STZ(self):
        self.check(lambda n: padded("<iq type='get' id='1'><x xmlns='u'>%s</x></iq>", n), 10000)

    def test_LIM_PRE_EL(self):
        self.check(lambda n: "<iq type='get' id='1'>%s</iq>" % ("<x xmlns='u'/>" * (n - 1)), 32)

    def test_LIM_ATTR(self):
        self.check(lambda n: "<iq%s/>" % ''.join(" a%d=''" % i for i in range(n)), 64)
        self.check(lambda n: "<iq%s/>" % ''.join(" xmlns:a%d='u%d'" % (i, i) for i in range(n)), 64)


class AfterLogin(ServerCase):
    config = {'limits': UNLIMITED_RATES}

    def enter(self, door):
        if door == 'tls':
            return self.login('alice')
        client = self.plain()
        return client.login('alice', self.users['alice'])

    def check(self, make, limit, doors=('tls', 'starttls')):
        """make(jid, n): a message to oneself that is `n` large in whatever is limited."""
        for door in doors:
            for n in (limit - 1, limit, limit + 1):
                with self.subTest(door=door, n=n):
                    client = self.enter(door)
                    client.send(make(client.jid, n))
                    if n <= limit:
                        came = client.next(60)
                        self.assertEqual(came.tag, raw.q(raw.CLIENT, 'message'),
                                         raw.to_text(came)[:300])
                        self.assertNotEqual(came.get('type'), 'error')
                        self.assertEqual(client.ping().get('type'), 'result')
                        client.end()
                    else:
                        self.expect_stream_error(client, 'policy-violation')
                        self.assertNotIn(b'xxxxxxxx', client.raw)

    def test_LIM_STZ_C2S(self):
        self.check(lambda to, n: padded("<message to='" + to + "'><body>%s</body></message>", n),
                   262144)

    def test_LIM_STZ_C2S_counts_markup(self):
        def markup(to, n):
            head = "<message to='%s'><x xmlns='u'>" % to
            tail = '</x><body>%s</body></message>'
            room = n - len(head) - len(tail % '')
            middle = "<a b='cccccccccccccccccccccccccccccccccccccccccccccccccccccc'/>"
            count = room // len(middle)
            return head + middle * count + tail % ('x' * (room - count * len(middle)))
        self.assertEqual(len(markup('alice@localhost/x', 262144)), 262144)
        self.check(markup, 262144, ('tls',))

    def test_LIM_EL(self):
        self.check(lambda to, n: "<message to='%s'><body>b</body><x xmlns='u'>%s</x></message>" %
                   (to, '<a/>' * (n - 3)), 5000)

    def test_LIM_DEPTH(self):
        self.check(lambda to, n: "<message to='%s'><body>b</body>%s%s</message>" %
                   (to, "<a xmlns='u'>" + '<a>' * (n - 2), '</a>' * (n - 1)), 64)

    def test_LIM_ATTR(self):
        self.check(lambda to, n: "<message to='%s'><body>b</body><x xmlns='u'%s/></message>" %
                   (to, ''.join(" a%d='v'" % i for i in range(n - 1))), 64)

    def test_LIM_TOKEN(self):
        self.check(lambda to, n: "<message to='%s'><body>b</body>%s</message>" %
                   (to, padded("<x xmlns='u' a='%s'/>", n)), 16384)

    def test_LIM_TOKEN_in_pieces(self):
        for n in (16383, 16384, 16385):
            with self.subTest(n=n):
                client = self.login('alice')
                data = "<message to='%s'><body>b</body>%s</message>" % (
                    client.jid, padded("<x xmlns='u' a='%s'/>", n))
                for i in range(0, len(data), 1000):
                    client.send(data[i:i + 1000])
                if n <= 16384:
                    self.assertEqual(client.next().tag, raw.q(raw.CLIENT, 'message'))
                else:
                    self.expect_stream_error(client, 'policy-violation')

    def test_LIM_NICK(self):
        client = self.login('alice')
        for nick, fits in (('n' * 254, True), ('n' * 255, True), ('n' * 256, False),
                           ('\u00e9' * 127, True), ('\u00e9' * 127 + 'n', True),
                           ('\u00e9' * 128, False), ('n' * 1024, False)):
            with self.subTest(bytes=len(nick.encode())):
                client.send("<presence to='%s/%s'><x xmlns='%s'/></presence>" %
                            (ROOM, nick, raw.MUC))
                own = client.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                                  (e.get('type') == 'error' or '110' in raw.status_codes(e)))
                if fits:
                    self.assertNotEqual(own.get('type'), 'error', raw.to_text(own))
                    if '201' in raw.status_codes(own):
                        client.request("<query xmlns='%s'><x xmlns='jabber:x:data' type='submit'/>"
                                       "</query>" % raw.MUC_OWNER, ROOM, 'set')
                    self.assertEqual(own.get('from'), '%s/%s' % (ROOM, nick))
                    client.leave(ROOM, nick)
                else:
                    self.assertEqual(raw.error_of(own), ('modify', 'jid-malformed'))


class Resources(ServerCase):
    config = {'limits': {'resources_per_account': 3}}

    def test_LIM_RES(self):
        sessions = [self.login('alice') for _ in range(3)]
        extra = self.tls()
        extra.open_stream()
        extra.auth_plain('alice', self.users['alice'])
        extra.open_stream()
        bind = "<bind xmlns='%s'/>" % raw.BIND
        answer = extra.request(bind, type='set')
        self.assertEqual(raw.error_of(answer), ('wait', 'resource-constraint'))
        # Nobody is thrown out for it, others are not concerned, and an end makes room.
        for session in sessions:
            self.assertEqual(session.ping().get('type'), 'result')
        self.login('bob').end()
        sessions.pop().end()

        def bound():
            return extra.request(bind, type='set').get('type') == 'result'
        until(bound, 10, 'that the freed resource can be had')


class Rooms(ServerCase):
    config = {'limits': {'room_occupants': 3, 'rooms_per_owner': 2}}

    def test_LIM_OCC(self):
        room = 'full@chat.localhost'
        inside = []
        for i, user in enumerate(('alice', 'bob', 'eve')):
            client = self.login(user)
            own, _, _ = client.join(room, 'nick%d' % i)
            self.assertNotEqual(own.get('type'), 'error')
            inside.append(client)
        late = self.login('bystander')
        own, _, _ = late.join(room, 'late')
        self.assertEqual(raw.error_of(own), ('wait', 'service-unavailable'))
        inside[1].leave(room, 'nick1')
        own, _, _ = late.join(room, 'late')
        self.assertNotEqual(own.get('type'), 'error')

    def test_LIM_ROOMS(self):
        client = self.login('bob')
        for i in range(2):
            own, _, _ = client.join('owned%d@chat.localhost' % i, 'bob')
            self.assertIn('201', raw.status_codes(own))
        own, _, _ = client.join('owned2@chat.localhost', 'bob')
        self.assertEqual(raw.error_of(own), ('wait', 'resource-constraint'))


class LargeRooms(ServerCase):
    config = {'limits': {'large_room_occupants': 2}}
    ROOM = 'large@chat.localhost'

    def presences(self, client):
        """Those that have come: the answer to a ping comes behind them."""
        client.ping(self.ROOM)
        found = [(e.get('from').partition('/')[2], e.get('type')) for e in client.reader.elements
                 if raw.local_name(e) == 'presence']
        client.reader.elements.clear()
        return found

    def test_who_comes_is_seen_once_it_speaks_and_with_a_higher_limit_at_once(self):
        alice, bob, eve, late = [self.login(user) for user in self.users]
        for client, nick in ((alice, 'alice'), (bob, 'bob'), (eve, 'eve'), (late, 'late')):
            own, _, _ = client.join(self.ROOM, nick)
            self.assertIn('110', raw.status_codes(own))
        self.assertEqual(self.presences(alice), [('bob', None)])
        self.assertEqual(self.presences(bob), [('alice', None)])
        eve.say(self.ROOM, 'here')
        bob.hear(self.ROOM, 'here')
        self.assertEqual(self.presences(bob), [('eve', None)])
        self.server.config['limits']['large_room_occupants'] = 100
        self.server.write_config()
        self.assertEqual(self.server.command('reload').returncode, 0)
        for client, expected in ((alice, [('eve', None), ('late', None)]), (bob, [('late', None)])):
            client.wait(lambda e: e.get('from') == self.ROOM + '/late', what='who is seen again')
            self.assertEqual(self.presences(client), expected[:-1])
        late.leave(self.ROOM, 'late')
        self.assertEqual(self.presences(bob), [('late', 'unavailable')])
        self.log_allowance = 5  # of the command


class Rates(ServerCase):
    config = {'limits': {'stanzas_per_second': 10}}

    def test_LIM_STZ_RATE(self):
        """Who is faster is read more slowly; every stanza is answered, in order."""
        client = self.login('alice')
        started = time.monotonic()
        count = 80
        client.send(''.join("<iq type='get' id='n%d'><ping xmlns='urn:xmpp:ping'/></iq>" % i
                            for i in range(count)))
        for i in range(count):
            self.assertEqual(client.next(60).get('id'), 'n%d' % i)
        self.assertGreater(time.monotonic() - started, (count - 40) / 10 * 0.7)


class SlowReaders(ServerCase):
    """LIM-OUTQ: who does not read is waited for ten seconds, then disconnected; nobody else is."""

    config = {'limits': dict(UNLIMITED_RATES, stanza_bytes=65536, send_queue_bytes=131072)}

    def test_LIM_OUTQ(self):
        sender, reader = self.login('alice'), self.login('bob')
        slow = self.login('eve', receive_buffer=4096)
        catching_up = self.login('bystander', receive_buffer=4096)
        room = 'slow@chat.localhost'
        for client, nick in ((sender, 'sender'), (reader, 'reader'), (slow, 'slow'),
                             (catching_up, 'late')):
            own, _, _ = client.join(room, nick)
            self.assertNotEqual(own.get('type'), 'error')
        count, body = 250, 'x' * 60000
        sending = threading.Thread(target=lambda: [
            sender.send("<message to='%s' type='groupchat' id='m%d'><body>%s</body></message>" %
                        (room, i, body)) for i in range(count)])
        started = time.monotonic()
        sending.start()
        late_reader = threading.Thread(target=self.read_all, args=(catching_up, room, count))
        self.read_all(reader, room, count)
        late_reader.start()
        self.read_all(sender, room, count)
        sending.join()
        # The room is told that the slow one is gone.
        gone = reader.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                           e.get('from') == room + '/slow' and e.get('type') == 'unavailable', 60)
        self.assertIsNotNone(gone)
        self.assertGreater(time.monotonic() - started, 9)
        late_reader.join(60)
        self.assertFalse(late_reader.is_alive())
        self.assertEqual(self.received.get(catching_up), count)
        until(lambda: (slow.drain(), slow.closed)[1], 20, 'that the slow reader is disconnected')
        for client in (sender, reader, catching_up):
            self.assertEqual(client.ping(timeout=60).get('type'), 'result')

    def setUp(self):
        super().setUp()
        self.received = {}

    def read_all(self, client, room, count):
        """Reads that many messages and checks their order."""
        for i in range(count):
            message = client.wait(lambda e: raw.is_room_message(e, room), 60, 'message %d' % i)
            if message.get('id') != 'm%d' % i:
                raise AssertionError('%s came instead of m%d' % (message.get('id'), i))
            self.received[client] = i + 1


if __name__ == '__main__':
    unittest.main()
