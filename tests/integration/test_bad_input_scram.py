# SPDX-License-Identifier: Apache-2.0
"""BI-SASL, the rows about SCRAM: names that do not exist, exchanges bent in every part, -PLUS."""

import base64
import itertools
import statistics
import time
import unittest

import raw
from harness import Server, ServerCase
from sasl_case import SaslCase, b64
from scram import Scram


class ScramCases(SaslCase):

    def attempt(self, mechanism, user, source):
        """(shape of all that came, seconds, (salt, iterations) or None) of one failing login."""
        client = self.fresh(source=source)
        shape, salt = [], None
        started = time.monotonic()
        if mechanism == 'PLAIN':
            answer = client.auth_plain(user, 'wrong-password')
        else:
            exchange = Scram(user, 'wrong-password', mechanism)
            answer = client.auth(mechanism, b64(exchange.first()))
            if answer.tag == raw.q(raw.SASL, 'challenge'):
                text = base64.b64decode(answer.text).decode()
                final = exchange.final(text)
                salt = (exchange.salt, exchange.iterations)
                shape.append(('challenge', [f[0] for f in text.split(',')],
                              len(exchange.salt), exchange.iterations,
                              len(exchange.server_nonce) - len(exchange.cnonce)))
                answer = client.respond(final)
        elapsed = time.monotonic() - started
        shape.append(raw.to_text(answer))
        client.close()
        return shape, elapsed, salt

    def test_BI_SASL_07_unknown_and_known_look_alike(self):
        """A hundred tries each over three mechanisms: enough for medians to tell 2 ms apart."""
        names = {'known': 'alice', 'unknown': 'never-made'}
        # Each try from an address of its own, for failures may slow an address down.
        address = itertools.count(1)

        def source():
            n = next(address)
            return '127.20.%d.%d' % (n // 250, 1 + n % 250)
        for mechanism in ('PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'):
            times = {kind: [] for kind in names}
            shapes = {kind: set() for kind in names}
            salts = {kind: set() for kind in names}
            for i in range(34 if mechanism == 'PLAIN' else 33):
                for kind, user in sorted(names.items(), reverse=bool(i % 2)):
                    shape, elapsed, salt = self.attempt(mechanism, user, source())
                    times[kind].append(elapsed)
                    shapes[kind].add(repr(shape))
                    salts[kind].add(salt)
            with self.subTest(mechanism=mechanism):
                self.assertEqual(shapes['known'], shapes['unknown'])
                self.assertEqual(len(shapes['known']), 1)
                self.assertEqual(len(salts['known']), 1)
                self.assertEqual(len(salts['unknown']), 1, 'the made-up salt must be stable')
                known, unknown = (statistics.median(times[k]) for k in ('known', 'unknown'))
                self.assertLess(abs(known - unknown), max(0.002, 0.35 * max(known, unknown)),
                                'medians %.4f s and %.4f s' % (known, unknown))

    def test_BI_SASL_08_bent_scram(self):
        client, exchange, challenge = self.scram_to_final()
        exchange.nonce = exchange.cnonce  # without the server's part
        self.expect_failure(client.respond(exchange.final(challenge)), 'not-authorized')
        client, exchange, challenge = self.scram_to_final()
        exchange.nonce = 'x' + exchange.parse(challenge)['r']
        self.expect_failure(client.respond(exchange.final(challenge)), 'not-authorized')
        for channel in (b64('y,,'), b64('p=tls-unique,,xx'), 'AAAA', ''):
            with self.subTest(channel=channel):
                client, exchange, challenge = self.scram_to_final(channel=channel)
                self.expect_failure(client.respond(exchange.final(challenge)), 'not-authorized',
                                    *(['malformed-request'] if not channel else []))
        for proof in (b64(bytes(32)), b64(b'short'), 'AAAA'):
            with self.subTest(proof=proof):
                client, exchange, challenge = self.scram_to_final(proof=proof)
                self.expect_failure(client.respond(exchange.final(challenge)), 'not-authorized',
                                    *(['malformed-request'] if len(proof) < 44 else []))

    def test_BI_SASL_08_replayed_final(self):
        client, exchange, challenge = self.scram_to_final()
        final = exchange.final(challenge)
        self.assertEqual(client.respond(final).tag, raw.q(raw.SASL, 'success'))
        other, _, _ = self.scram_to_final(cnonce=exchange.cnonce)
        self.expect_failure(other.respond(final), 'not-authorized')
        self.expect_failure(other.respond(final), 'malformed-request', 'not-authorized')

    def test_BI_SASL_08_extensions_and_channel_bindings(self):
        for first in ('n,,m=x,n=alice,r=abc', 'p=tls-foo,,n=alice,r=abc',
                      'p=tls-unique,,n=alice,r=abc', 'p=tls-exporter,,n=alice,r=abc'):
            with self.subTest(first=first):
                self.expect_failure(self.fresh().auth('SCRAM-SHA-256', b64(first)),
                                    'not-authorized', 'malformed-request')
        for first in ('x,,n=alice,r=abc', 'n,n=alice,r=abc', 'n,,n=alice', 'n,,r=abc', '',
                      'n,,n=,r=abc', 'n,,n=alice,r='):
            with self.subTest(first=first):
                answer = self.fresh().auth('SCRAM-SHA-256', b64(first) or '=')
                self.expect_failure(answer, 'malformed-request', 'not-authorized',
                                    'invalid-authzid')

    def test_BI_SASL_08_names_and_nonces_outside_the_grammar(self):
        """RFC 5802 5.1: fails, be it at once or at the end, although the password is right."""
        for bare in ('n=ali=ce,r=abc', 'n=alice,r=a\0b', 'n=alice\0,r=abc', 'n=alice=,r=abc',
                     'n=alice\0evil,r=abc'):
            with self.subTest(bare=bare):
                client = self.fresh()
                exchange = Scram('alice', self.users['alice'])
                exchange.bare, exchange.cnonce = bare, bare.split('r=')[1]
                answer = client.auth('SCRAM-SHA-256', b64(exchange.first()))
                if answer.tag == raw.q(raw.SASL, 'challenge'):
                    challenge = base64.b64decode(answer.text).decode()
                    exchange.cnonce = ''
                    answer = client.respond(exchange.final(challenge))
                self.expect_failure(answer, 'malformed-request', 'not-authorized')

    def test_BI_SASL_08_y_is_honest_without_plus(self):
        client = self.fresh()
        answer = client.auth_scram('alice', self.users['alice'], gs2='y,,')
        self.assertEqual(answer.tag, raw.q(raw.SASL, 'success'))


class MadeUpSalts(unittest.TestCase):

    def salts(self, server):
        """What each mechanism tells about accounts that do not exist: (salt, iterations)."""
        told = {}
        for mechanism in ('SCRAM-SHA-1', 'SCRAM-SHA-256'):
            for user in ('never-1', 'never-2', 'NEVER-1'):
                with server.tls() as client:
                    client.open_stream()
                    exchange = Scram(user, 'wrong', mechanism)
                    challenge = client.auth(mechanism, b64(exchange.first()))
                    exchange.parse(base64.b64decode(challenge.text).decode())
                    told[mechanism, user] = (exchange.salt, exchange.iterations)
        return told

    def test_BI_SASL_07_made_up_salts_differ_and_survive_a_restart(self):
        server = Server(users={'alice': 'alices-secret-1'})
        self.addCleanup(server.remove)
        server.start()
        before = self.salts(server)
        server.stop()
        server.start()
        self.assertEqual(self.salts(server), before)
        server.stop()
        for mechanism in ('SCRAM-SHA-1', 'SCRAM-SHA-256'):
            self.assertNotEqual(before[mechanism, 'never-1'], before[mechanism, 'never-2'])
            self.assertEqual(before[mechanism, 'never-1'], before[mechanism, 'NEVER-1'])
        self.assertNotEqual(before['SCRAM-SHA-1', 'never-1'], before['SCRAM-SHA-256', 'never-1'])


class Plus(ServerCase):
    """-PLUS is opt-in; where it is offered, pretending that it was not is a downgrade."""

    config = {'c2s': {'mechanisms': ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'PLAIN']}}

    def test_BI_SASL_08_downgrade(self):
        client = self.tls()
        client.open_stream()
        self.assertIn('SCRAM-SHA-256-PLUS', client.mechanisms())
        answer = client.auth_scram('alice', self.users['alice'], gs2='y,,')
        self.expect_failure(answer, 'not-authorized')
        client = self.tls()
        client.open_stream()
        answer = client.auth_scram('alice', self.users['alice'])
        self.assertEqual(answer.tag, raw.q(raw.SASL, 'success'))

    def test_BI_SASL_08_unknown_binding_type(self):
        client = self.tls()
        client.open_stream()
        answer = client.auth('SCRAM-SHA-256-PLUS', b64('p=tls-foo,,n=alice,r=abcdef'))
        self.expect_failure(answer, 'not-authorized', 'malformed-request')


if __name__ == '__main__':
    unittest.main()
