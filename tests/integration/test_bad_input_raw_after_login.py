# SPDX-License-Identifier: Apache-2.0
"""BI-RAW: client streams after authentication, and what many of them at once may not do to others.
Times are asserted at ten times what a build without sanitizers needs."""

import socket
import struct
import threading
import time
import unittest

import harness
import raw
from harness import ServerCase, UNLIMITED_RATES, until


class AfterLogin(ServerCase):
    config = {'shards': 1, 'limits': UNLIMITED_RATES}

    def test_BI_RAW_16_cdata(self):
        client = self.login('alice')
        client.send("<message to='%s'><body>a<![CDATA[<b>&]]>c]]&gt;</body></message>" % client.jid)
        message = client.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'message'))
        self.assertEqual(message.findtext(raw.q(raw.CLIENT, 'body')), 'a<b>&c]]>')
        self.assertNotIn(b'CDATA', client.raw)

    def test_BI_RAW_29_separator_in_a_namespace(self):
        for written, meant in (('&#10;', '\n'), ('\n', ' '), (' ', ' '), ('|', '|'), ('}', '}'),
                               ('{', '{'), ('&#x7c;', '|'), ('!', '!'), ('&#127;', '\x7f'),
                               ('&#x1f;', None), ('&#1;', None), ('\x1f', None), ('\x01', None),
                               ('\x0c', None)):
            with self.subTest(separator=written):
                client = self.login('alice')
                client.send("<message to='%s'><x xmlns='urn:a%sb'>t</x></message>" %
                            (client.jid, written))
                element = client.next()
                if meant is None or element.tag == raw.q(raw.STREAMS, 'error'):
                    self.assertEqual(raw.stream_condition(element), 'not-well-formed')
                else:
                    self.assertEqual(element[0].tag, '{urn:a%sb}x' % meant)
                client.close()

    def test_BI_RAW_30_start_tag_byte_by_byte_after_login(self):
        client = self.login('alice')
        cpu = self.server.cpu_seconds()
        client.send("<message to='")
        sent = 0
        while sent < 65536 and not client.closed and client.send('a'):
            sent += 1
            if sent % 64 == 0 or sent > 16000:
                client.drain()
        self.assertLess(sent, 65536)
        self.expect_stream_error(client, 'policy-violation')
        self.assertLess(self.server.cpu_seconds() - cpu, 2.0 * (5 if harness.is_sanitized() else 1))

    def test_BI_RAW_34_deep_nesting(self):
        client = self.login('alice')
        client.send("<message>" + '<a>' * 40000)
        client.drain()
        self.expect_stream_error(client, 'policy-violation')
        client = self.login('alice')
        client.send("<message>" + '<a>' * 40000)
        client.abort()

    def test_BI_RAW_35_many_attributes(self):
        client = self.login('alice')
        client.send('<message%s/>' % ''.join(" a%d=''" % i for i in range(8000)))
        self.expect_stream_error(client, 'policy-violation')
        client = self.login('alice')
        client.send('<message><x%s/></message>' %
                    ''.join(" xmlns:n%d='u:%d'" % (i, i) for i in range(2000)))
        self.expect_stream_error(client, 'policy-violation')

    def corpus(self, me):
        """[(stanza, the id by which its effect is known)]"""
        return [
            ("<iq type='get' id='%s'><ping xmlns='urn:xmpp:ping'/></iq>", 'result'),
            ("<iq type='get' to='localhost' id='%s'><query xmlns='http://jabber.org/protocol/"
             "disco#info'/></iq>", 'result'),
            ("<message to='" + me + "' id='%s' type='chat'><body>h\u00e9 &lt;&amp;&#x20ac;</body>"
             "<x xmlns='urn:x' a=\"b>c\">t</x></message>", 'chat'),
            ("<iq type='get' to='nobody@localhost/x' id='%s'><query xmlns='jabber:iq:version'/>"
             "</iq>", 'error'),
        ]

    def test_BI_RAW_37_cut_at_every_byte(self):
        client = self.login('alice')
        slowest = 0.0
        for template, expected in self.corpus(client.jid):
            length = len((template % 'c000').encode())
            for cut in range(1, length):
                stanza_id = 'c%03d' % cut
                stanza = (template % stanza_id).encode()
                client.send(stanza[:cut])
                # The one shard has answered somebody else: it has read the first segment.
                self.bystander.ping()
                client.send(stanza[cut:])
                sent_at = time.monotonic()
                answer = client.wait(lambda e, i=stanza_id: e.get('id') == i, 5,
                                     'answer to %r cut at %d' % (stanza, cut))
                slowest = max(slowest, time.monotonic() - sent_at)
                self.assertEqual(answer.get('type'), expected)
        self.assertLess(slowest, 1.0)

    def test_BI_RAW_37_headers_cut_at_every_byte(self):
        text = None
        for cut in range(1, 1000):
            client = self.plain()
            text = text or client.header_text().encode()
            if cut >= len(text):
                break
            client.send(text[:cut])
            if cut % 8 == 0:
                self.bystander.ping()
            client.send(text[cut:])
            self.assertEqual(client.next(5).tag, raw.q(raw.STREAMS, 'features'))
            client.close()

    def test_BI_RAW_38_five_thousand_elements_at_once(self):
        client = self.login('alice')
        count = 5000
        data = ''.join("<iq type='get' id='n%d'><ping xmlns='urn:xmpp:ping'/></iq>" % i
                       for i in range(count)).encode()
        sender = threading.Thread(target=client.send, args=(data,))
        sender.start()
        answered, times = 0, []
        while answered < count:
            started = time.monotonic()
            self.bystander.ping()
            times.append(time.monotonic() - started)
            client.drain()
            for element in client.reader.elements:
                self.assertEqual(element.get('id'), 'n%d' % answered)
                answered += 1
            client.reader.elements.clear()
            self.assertLess(time.monotonic() - client.started_at, 60)
        sender.join()
        times.sort()
        self.assertLess(times[int(len(times) * 0.99)], 0.5)


class Rates(ServerCase):
    config = {'limits': {'bytes_per_second': 8192, 'preauth_seconds': 3}}

    def test_BI_RAW_40_spaces_between_stanzas(self):
        client = self.login('alice')
        spaces, wanted = b' ' * 4096, 16384 * 6
        started, sent = time.monotonic(), 0
        while sent < wanted:
            client.send(spaces)
            sent += len(spaces)
        client.ping(timeout=60)
        # A burst of four seconds is free; what is above it takes its time.
        at_least = (wanted - 4 * 8192) / 8192
        self.assertGreater(time.monotonic() - started, at_least * 0.8)

    def test_BI_RAW_40_spaces_before_login(self):
        client = self.tls()
        client.open_stream()
        while not client.reader.ended and time.monotonic() - client.started_at < 20:
            client.send(b' ' * 100)
            try:
                client.pump(lambda: client.reader.ended, 0.05)
            except raw.TimedOut:
                pass
        self.expect_stream_error(client, 'policy-violation', 'connection-timeout')
        self.assertLess(time.monotonic() - client.started_at, 20)


class Floods(ServerCase):
    config = {'limits': {'preauth_per_address': 20, 'preauth_connections': 300}}

    def served(self, client):
        """True if the server speaks XMPP with it, False if it closed it unheard."""
        try:
            client.open_stream()
            return True
        except (raw.Closed, AssertionError):
            return False

    def many(self, count, source):
        clients = []
        for _ in range(count):
            try:
                clients.append(self.plain(source=source))
            except OSError:
                clients.append(None)
        return clients

    def test_BI_RAW_42_connections_of_one_address(self):
        """LIM-CONN-IP at N-1, N and N+1."""
        clients = self.many(20, '127.0.8.1')
        self.assertEqual([self.served(c) for c in clients], [True] * 20)
        extra = self.plain(source='127.0.8.1')
        self.assertFalse(self.served(extra))
        # Others are not held to account.
        self.assertTrue(self.served(self.plain(source='127.0.8.2')))
        # A slot is given back by an end …
        clients.pop().close()
        until(lambda: self.served(self.plain(source='127.0.8.1')), 10, 'a slot given back')

    def test_BI_RAW_42_a_login_gives_its_slot_back(self):
        for i in range(19):
            self.assertTrue(self.served(self.plain(source='127.0.8.3')))
        user = self.keep(self.server.login('alice', source='127.0.8.3'))
        self.assertTrue(self.served(self.plain(source='127.0.8.3')))
        self.assertFalse(self.served(self.plain(source='127.0.8.3')))
        self.assertEqual(user.ping().get('type'), 'result')

    def test_BI_RAW_42_connections_of_all_addresses(self):
        """LIM-PREAUTH: early drop or refusal, and who is logged in stays."""
        user = self.login('bob')
        for i in range(330):
            try:
                self.plain(source='127.9.%d.%d' % (i // 200, 1 + i % 200))
            except OSError:
                pass
        for client in self.clients[1:]:
            client.send(client.header_text())
        refused = 0
        for client in self.clients[1:]:
            try:
                client.next()
            except (raw.Closed, AssertionError):
                refused += 1
        self.assertGreaterEqual(refused, 30)
        self.assertGreater(330 - refused, 0)
        self.assertEqual(user.ping().get('type'), 'result')

    def test_BI_RAW_42_connect_and_close(self):
        """3,000 from 50 addresses, then as before: what each left behind would show."""
        def burst(count):
            for i in range(count):
                s = socket.socket()
                try:
                    s.bind(('127.10.0.%d' % (1 + i % 50), 0))
                    s.connect(('127.0.0.1', self.server.port if i % 2 else self.server.tls_port))
                    if i % 3 == 0:
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                finally:
                    s.close()
        self.log_allowance += 3500
        user = self.login('alice')
        sockets = self.server.sockets()
        burst(500)
        until(lambda: self.server.sockets() <= sockets, 20, 'that the sockets are closed')
        rss = self.server.rss()
        burst(3000)
        until(lambda: self.server.sockets() <= sockets, 20, 'that the sockets are closed')
        self.assertLess(self.server.rss() - rss, (32 if harness.is_sanitized() else 8) << 20)
        self.assertEqual(user.ping().get('type'), 'result')


if __name__ == '__main__':
    unittest.main()
