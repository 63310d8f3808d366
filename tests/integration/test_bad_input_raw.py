# SPDX-License-Identifier: Apache-2.0
"""BI-RAW: client streams before authentication, on the STARTTLS port in plain and inside TLS. Times
are asserted at ten times what a build without sanitizers needs."""

import functools
import os
import select
import socket
import time
import unittest

import harness
import raw
from harness import ServerCase, until

EDGES = ('plain', 'tls')
ROSTER = "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>"


def each_edge(test):
    """Runs the test once on the STARTTLS port and once inside TLS."""
    @functools.wraps(test)
    def on_each(self):
        for edge in EDGES:
            with self.subTest(edge=edge):
                test(self, edge)
    return on_each


class OnEdge:
    """Helpers for rows that read "send this, get that stream error" on either port."""

    def refuse_first(self, edge, data, *conditions, **options):
        """`data` instead of a stream header."""
        client = self.edge(edge)
        client.send(data)
        self.expect_stream_error(client, *conditions, **options)
        return client

    def refuse_later(self, edge, data, *conditions, **options):
        """`data` after the features."""
        client = self.edge(edge)
        client.open_stream()
        client.send(data)
        self.expect_stream_error(client, *conditions, **options)
        return client


class BeforeLogin(OnEdge, ServerCase):

    @each_edge
    def test_BI_RAW_03_http_on_our_port(self, edge):
        client = self.refuse_first(edge, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'not-well-formed')
        self.assertNotIn(b'HTTP', client.raw)
        self.assertNotIn(b'GET', client.raw)
        self.assertNotIn(b'Host', client.raw)

    def test_BI_RAW_04_client_hello_on_the_starttls_port(self):
        hello = bytes.fromhex('16030100a5010000a10303') + bytes(range(160))
        self.refuse_first('plain', hello, 'not-well-formed')

    @each_edge
    def test_BI_RAW_05_random_bytes(self, edge):
        self.refuse_first(edge, b'\x8f' + os.urandom(65535), 'not-well-formed',
                          'unsupported-encoding')

    @each_edge
    def test_BI_RAW_06_nul_in_an_attribute(self, edge):
        header = self.server_header().replace("to='localhost'", "to='localhost\0.evil'")
        self.refuse_first(edge, header, 'not-well-formed')
        client = self.edge(edge)
        client.open_stream()
        client.send("<auth xmlns='%s' mechanism='PLAIN\0X'>AA==</auth>" % raw.SASL)
        self.expect_stream_error(client, 'not-well-formed')

    def server_header(self):
        return ("<?xml version='1.0'?><stream:stream xmlns='%s' xmlns:stream='%s' to='localhost' "
                "version='1.0'>" % (raw.CLIENT, raw.STREAMS))

    def test_BI_RAW_07_broken_utf8(self):
        broken = [b'\xc0\xaf', b'\xe0\x80\xaf', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xff',
                  b'\xc3']
        places = [('text', b"<auth xmlns='%s' mechanism='PLAIN'>x%%s</auth>"),
                  ('attribute', b"<auth xmlns='%s' mechanism='%%s'>x</auth>"),
                  ('name', b"<auth%%s xmlns='%s'>x</auth>")]
        sasl = raw.SASL.encode()
        for edge in EDGES:
            for bad in broken:
                for place, template in places:
                    with self.subTest(edge=edge, bytes=bad.hex(), place=place):
                        # not-well-formed is accepted for what expat cannot tell apart.
                        client = self.refuse_later(edge, template % sasl % bad,
                                                   'unsupported-encoding', 'not-well-formed')
                        self.assertNotIn(bad, bytes(client.raw))

    def test_BI_RAW_08_references_to_forbidden_characters(self):
        for reference in ('&#0;', '&#x1;', '&#xD800;', '&#xFFFE;', '&#x110000;'):
            with self.subTest(reference=reference):
                self.refuse_later('tls', "<auth xmlns='%s' mechanism='PLAIN'>%s</auth>" %
                                  (raw.SASL, reference), 'not-well-formed')

    @each_edge
    def test_BI_RAW_09_other_encodings(self, edge):
        header = self.server_header()
        self.refuse_first(edge, header.replace("version='1.0'?>",
                                               "version='1.0' encoding='ISO-8859-1'?>", 1),
                          'unsupported-encoding')
        self.refuse_first('tls', header.encode('utf-16'), 'unsupported-encoding')

    def test_BI_RAW_10_xml_declarations(self):
        header = self.server_header()
        for declaration in ("<?xml version='1.1'?>", "<?xml version='1.0' standalone='no'?>"):
            with self.subTest(declaration=declaration):
                self.refuse_first('tls', header.replace("<?xml version='1.0'?>", declaration),
                                  'restricted-xml')

    def laughter(self):
        entities = ''.join('<!ENTITY e%d "%s">' % (i, '&e%d;' % (i - 1) * 10) for i in range(1, 10))
        return '<!ENTITY e0 "ha">' + entities

    @each_edge
    def test_BI_RAW_11_entity_bomb(self, edge):
        self.assertLess(len(self.laughter()), 1024)
        cpu, rss = self.server.cpu_seconds(), self.server.rss()
        self.refuse_first(edge, "<?xml version='1.0'?><!DOCTYPE x [%s]><stream:stream to='&e9;'"
                          " xmlns:stream='%s'>" % (self.laughter(), raw.STREAMS),
                          'restricted-xml')
        self.assertLess(self.server.cpu_seconds() - cpu, 0.5)
        self.assertLess(self.server.rss() - rss, 16 << 20)
        # At the start of the DOCTYPE: nothing of the subset needs to have come.
        self.refuse_first('plain', '<!DOCTYPE x [', 'restricted-xml')

    @each_edge
    def test_BI_RAW_12_external_entities(self, edge):
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        fifo = os.path.join(self.server.folder, 'read-me-%d' % time.monotonic_ns())
        os.mkfifo(fifo)
        for system in ('file://' + fifo, 'http://127.0.0.1:%d/' % listener.getsockname()[1]):
            self.refuse_first(edge, "<!DOCTYPE x [<!ENTITY a SYSTEM '%s'>]><stream:stream "
                              "to='localhost'>&a;" % system, 'restricted-xml')
            self.refuse_first(edge, "<!DOCTYPE x SYSTEM '%s'><x/>" % system, 'restricted-xml')
        connected, _, _ = select.select([listener], [], [], 0)
        self.assertEqual(connected, [], 'the server opened a connection')
        with self.assertRaises(OSError):  # ENXIO: nobody has it open for reading
            os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))

    def test_BI_RAW_13_undefined_entity(self):
        self.refuse_later('tls', "<auth xmlns='%s' mechanism='PLAIN'>&foo;</auth>" % raw.SASL,
                          'restricted-xml', 'not-well-formed')

    @each_edge
    def test_BI_RAW_14_comments(self, edge):
        self.refuse_first(edge, '<!-- x -->' + self.server_header(), 'restricted-xml',
                          'not-well-formed')  # before an XML declaration it is both
        self.refuse_first(edge, "<?xml version='1.0'?><!-- x -->", 'restricted-xml')
        self.refuse_later(edge, '<!-- x -->', 'restricted-xml')
        self.refuse_later(edge, "<auth xmlns='%s' mechanism='PLAIN'><!-- x -->" % raw.SASL,
                          'restricted-xml')

    def test_BI_RAW_15_processing_instructions(self):
        self.refuse_first('tls', "<?xml version='1.0'?><?php x?>", 'restricted-xml')
        self.refuse_later('tls', '<?php x?>', 'restricted-xml')

    def test_BI_RAW_17_second_declaration(self):
        self.refuse_later('tls', "<?xml version='1.0'?>", 'not-well-formed')

    def test_BI_RAW_18_byte_order_mark(self):
        client = self.tls()
        client.send(b'\xef\xbb\xbf' + self.server_header().encode())
        first = client.next()
        if first.tag == raw.q(raw.STREAMS, 'features'):
            # Skipping it is tolerated; the encoding must be what it was.
            self.expect_failure(client.auth('X-FOO'), 'invalid-mechanism')
        else:
            self.assertEqual(raw.stream_condition(first), 'not-well-formed')

    def test_BI_RAW_19_other_roots(self):
        self.refuse_first('tls', '<foo/>', 'invalid-namespace')
        self.refuse_first('tls', '<foo>', 'invalid-namespace')
        self.refuse_first('tls', "<stream:features xmlns:stream='%s'>" % raw.STREAMS,
                          'invalid-namespace')

    def test_BI_RAW_20_wrong_stream_namespace(self):
        self.refuse_first('tls', self.server_header().replace(raw.STREAMS, 'http://evil.example/'),
                          'invalid-namespace')

    def test_BI_RAW_21_other_prefixes(self):
        self.refuse_first('tls', "<stream xmlns='%s' to='localhost' version='1.0'>" % raw.STREAMS,
                          'bad-namespace-prefix')
        header = self.server_header().replace('stream:stream', 'foo:stream')
        client = self.refuse_first('tls', header.replace('xmlns:stream', 'xmlns:foo'),
                                   'bad-namespace-prefix')
        self.assertIn(b'<stream:stream', client.raw)
        self.assertNotIn(b'foo', client.raw)

    def test_BI_RAW_22_wrong_content_namespace(self):
        self.refuse_first('tls', self.server_header().replace(raw.CLIENT, 'jabber:server'),
                          'invalid-namespace')

    @each_edge
    def test_BI_RAW_23_unknown_host(self, edge):
        client = self.refuse_first(edge, self.server_header().replace(
            "'localhost'", "'other.example'"), 'host-unknown')
        # RFC 6120 4.9.1.3: an authoritative name or nothing; we say nothing.
        self.assertEqual(client.header.get('from', ''), '')

    def test_BI_RAW_24_odd_hosts(self):
        header = self.server_header()
        client = self.tls()
        client.send(header.replace(" to='localhost'", ''))
        self.assertEqual(client.next().tag, raw.q(raw.STREAMS, 'features'))
        self.assertEqual(client.header.get('from'), 'localhost')
        for to in ('', 'a@b/c', 'x' * 4096, 'a b', ' localhost'):
            with self.subTest(to=to[:10]):
                client = self.refuse_first('tls', header.replace("'localhost'", "'%s'" % to),
                                           'host-unknown')
                self.assertNotIn(b'x' * 100, client.raw)

    def test_BI_RAW_25_versions(self):
        header = self.server_header()
        for version in ('', "version='0.9'", "version='1.0.0'", "version='one'", "version='1'",
                        "version='-1.0'"):
            with self.subTest(version=version):
                head, tail = header.rsplit("version='1.0'", 1)
                self.refuse_first('tls', head + version + tail, 'unsupported-version')
        for version in ('01.0', '2.0', '11.0', '1.1', '9' * 40 + '.0'):
            with self.subTest(version=version):
                head, tail = header.rsplit("version='1.0'", 1)
                client = self.tls()
                client.send(head + "version='%s'" % version + tail)
                self.assertEqual(client.next().tag, raw.q(raw.STREAMS, 'features'))
                self.assertEqual(client.header.get('version'), '1.0')

    @each_edge
    def test_BI_RAW_26_stanza_before_login(self, edge):
        for stanza in (ROSTER, "<message to='alice@localhost'><body>x</body></message>",
                       "<presence/>", "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>",
                       "<iq type='set' id='b'><bind xmlns='%s'/></iq>" % raw.BIND):
            self.refuse_later(edge, stanza, 'not-authorized')

    @each_edge
    def test_BI_RAW_27_unknown_top_level_element(self, edge):
        self.refuse_later(edge, "<foo xmlns='urn:x'/>", 'unsupported-stanza-type')

    def test_BI_RAW_28_undeclared_prefixes(self):
        self.refuse_later('tls', '<x:y/>', 'not-well-formed', 'bad-namespace-prefix')
        self.refuse_later('tls', "<iq a:b='c'/>", 'not-well-formed', 'bad-namespace-prefix')

    def test_BI_RAW_29_separator_in_a_namespace_before_login(self):
        for separator in ('\n', '&#10;', '&#9;', ' ', '|', '}', '&#x7c;', '&#x1f;', '\x1f', '\x01',
                          '&#x1;', '&#127;', '\x0c', '!', '#', ':'):
            with self.subTest(separator=repr(separator)):
                # Must not be taken for <auth xmlns='…sasl'/>.
                client = self.refuse_later(
                    'tls', "<x xmlns='%s%sauth' mechanism='X-FOO'/>" % (raw.SASL, separator),
                    'not-well-formed', 'unsupported-stanza-type', 'restricted-xml')
                self.assertNotIn(b'<failure', client.raw)

    def test_BI_RAW_30_start_tag_byte_by_byte(self):
        cpu = self.server.cpu_seconds()
        client = self.plain()
        client.send("<stream:stream xmlns:stream='%s' to='" % raw.STREAMS)
        sent = 0
        while sent < 65536 and not client.closed and client.send('a'):
            sent += 1
            client.drain()
        self.assertLess(sent, 65536, 'the tag was read to its end')
        self.expect_stream_error(client, 'policy-violation')
        self.assertLess(self.server.cpu_seconds() - cpu, 2.0 * (5 if harness.is_sanitized() else 1))

    @each_edge
    def test_BI_RAW_31_spaces_in_a_start_tag(self, edge):
        self.refuse_first(edge, '<stream:stream' + ' ' * 10001, 'policy-violation')

    @each_edge
    def test_BI_RAW_32_auth_without_end(self, edge):
        self.refuse_later(edge, "<auth xmlns='%s' mechanism='PLAIN'>%s" %
                          (raw.SASL, 'A' * 10001), 'policy-violation')

    @each_edge
    def test_BI_RAW_33_many_children_before_login(self, edge):
        self.refuse_later(edge, "<auth xmlns='%s' mechanism='PLAIN'>%s" %
                          (raw.SASL, '<a/>' * 33), 'policy-violation')
        self.refuse_later(edge, "<auth xmlns='%s' mechanism='PLAIN'>%s" %
                          (raw.SASL, '<a>' * 65), 'policy-violation')

    @each_edge
    def test_BI_RAW_35_many_attributes_before_login(self, edge):
        attributes = ''.join(" a%d=''" % i for i in range(8000))
        self.refuse_first(edge, '<stream:stream%s>' % attributes, 'policy-violation')
        namespaces = ''.join(" xmlns:n%d='u:%d'" % (i, i) for i in range(2000))
        self.refuse_later(edge, "<auth xmlns='%s'%s/>" % (raw.SASL, namespaces),
                          'policy-violation')

    def test_BI_RAW_36_duplicate_attributes(self):
        self.refuse_later('tls', "<iq id='a' id='b'/>", 'not-well-formed')
        self.refuse_later('tls', "<iq xmlns:p='u' xmlns:q='u' p:id='a' q:id='b'/>",
                          'not-well-formed')

    def test_BI_RAW_39_ends_of_tcp(self):
        before = self.server.sockets()
        clients = []
        for _ in range(5):
            fin = self.tls()
            fin.open_stream()
            fin.close()
            reset = self.plain()
            reset.open_stream()
            reset.send("<auth xmlns='%s'>AAAA" % raw.SASL)
            reset.abort()
            hello = self.keep(raw.Raw(self.server.tls_port))
            hello.send(bytes.fromhex('1603010200010001fc0303'))
            hello.abort()
            clients += [fin, reset, hello]
        until(lambda: self.server.sockets() <= before, 10, 'that the dead connections are freed')

    @each_edge
    def test_BI_RAW_41_compression(self, edge):
        compress = ("<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method>"
                    "</compress>")
        client = self.edge(edge)
        features = client.open_stream()
        self.assertNotIn('compress', raw.to_text(features))
        client.send(compress)
        self.expect_stream_error(client, 'unsupported-stanza-type')
        client = self.login('alice')
        client.send(compress)
        self.expect_stream_error(client, 'unsupported-stanza-type')


class TimeToLogIn(OnEdge, ServerCase):
    """LIM-AUTH-TIME at two seconds; ten times as much would be the row's limit."""

    config = {'limits': {'preauth_seconds': 2, 'preauth_per_address': 4}}

    def timed_out(self, client, *conditions):
        error = client.wait(lambda e: e.tag == raw.q(raw.STREAMS, 'error'), 20, 'stream error')
        elapsed = time.monotonic() - client.started_at
        self.assertIn(raw.stream_condition(error), conditions)
        client.wait_closed(15)
        self.assertTrue(client.reader.ended)
        self.assertGreater(elapsed, 1.5)
        self.assertLess(elapsed, 20)

    def test_BI_RAW_01_silence(self):
        rss = self.server.rss()
        clients = [self.edge(edge, source='127.0.7.1') for edge in EDGES * 2]
        for client in clients:
            self.timed_out(client, 'policy-violation', 'connection-timeout')
            self.assertEqual(client.header.tag, raw.q(raw.STREAMS, 'stream'))
        self.assertLess(self.server.rss() - rss, 16 << 20)
        # The slots are free again.
        for _ in range(4):
            self.tls(source='127.0.7.1').open_stream()

    def test_BI_RAW_02_slow_loris(self):
        client = self.plain(source='127.0.7.2')
        text = client.header_text().encode()
        for i in range(len(text)):
            if client.closed or client.reader.ended or time.monotonic() - client.started_at > 20:
                break
            client.send(text[i:i + 1])
            try:
                client.pump(lambda: client.reader.ended, 0.2)
            except (raw.TimedOut, raw.Closed):
                pass
        self.assertLess(i, len(text) - 1, 'each byte restarted the timer')
        self.timed_out(client, 'policy-violation', 'connection-timeout')

    def test_BI_RAW_02_login_begun_and_left(self):
        """Steps of the negotiation do not restart it either."""
        client = self.plain(source='127.0.7.3')
        client.open_stream()
        client.starttls()
        client.open_stream()
        client.auth('SCRAM-SHA-1', 'biwsbj1hbGljZSxyPWFiY2RlZg==')
        self.timed_out(client, 'policy-violation', 'connection-timeout')

    def test_BI_RAW_01_a_session_has_no_such_limit(self):
        client = self.login('alice')
        with self.assertRaises(raw.TimedOut):
            client.wait(lambda e: e.tag == raw.q(raw.STREAMS, 'error'), 4)
        self.assertEqual(client.ping().get('type'), 'result')

    def test_BI_TLS_10_handshake_that_stalls(self):
        client = self.keep(raw.Raw(self.server.tls_port, source='127.0.7.4'))
        client.send(bytes.fromhex('1603010200010001fc0303'))
        until(lambda: select.select([client.socket], [], [], 0)[0], 20, 'the end of the connection')
        dripping = self.keep(raw.Raw(self.server.tls_port, source='127.0.7.4'))
        hello = bytes.fromhex('1603010200010001fc0303') + bytes(500)
        for i in range(len(hello)):
            dripping.send(hello[i:i + 1])
            if select.select([dripping.socket], [], [], 0.2)[0]:
                break
            self.assertLess(time.monotonic() - dripping.started_at, 20)


if __name__ == '__main__':
    unittest.main()
