# SPDX-License-Identifier: Apache-2.0
"""The log: one line for each event, whatever strangers put into what is logged (BI-WEB-13,
CWE-117), and neither passwords nor what is said."""

import json
import re
import unicodedata
import unittest

import harness
import raw
from harness import Server, until

USERS = {'alice': 'alices-secret-1'}
SAID = 'what is said in a room'
# Terminals, line ends for some reader, and marks that reorder what is seen.
WILD = ['\x1b[31mred', 'a\nb', 'a\r\n2026-01-01T00:00:00.000Z info  forged', 'a\u2028b', 'a\u0085b',
        'a\u202eb', '\ufeffa', 'a\x00b', 'a\x7fb', '"},{"event":"forged', '\\u001b', 'x' * 900]
TEXT_LINE = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (trace|debug|info |warn |error) \S')
DANGEROUS = {'Cc', 'Cf', 'Zl', 'Zp', 'Cs', 'Co'}


class Logs(unittest.TestCase):

    def fill(self, log_format):
        """Everything a stranger chooses, at a server that says all it can; its log."""
        server = Server({'log_level': 'trace', 'limits': harness.UNLIMITED_RATES}, USERS,
                        log_format=log_format)
        self.addCleanup(server.remove)
        server.start()
        for text in WILD:
            with server.tls() as stranger:
                stranger.open_stream()
                stranger.auth_plain(text.replace('\0', ''), 'guessed-secret')
            self.bind(server, text)
        with server.login('alice') as alice:
            for text in WILD:
                self.enter(alice, text)
            alice.join('logs@chat.localhost', 'alice')
            alice.say('logs@chat.localhost', SAID)
            alice.hear('logs@chat.localhost', SAID)
        server.stop()
        # Before READY the words for the person at the terminal are among them.
        ready = next(i for i, line in enumerate(server.lines) if line == 'READY')
        lines = server.lines[ready + 1:]
        self.assertGreater(len(lines), len(WILD))
        return lines

    def bind(self, server, resource):
        """It may be refused, by an error or the end of the stream."""
        try:
            with server.tls() as client:
                client.open_stream()
                client.auth_plain('alice', USERS['alice'])
                client.open_stream()
                client.bind(self.xml(resource))
        except (AssertionError, raw.TimedOut, OSError):
            self.assertTrue(server.alive())

    def enter(self, alice, text):
        if self.xml(text) != text:  # would end the stream, which bind() has shown
            return
        for to in ('wild@chat.localhost/%s' % text, '%s@chat.localhost/alice' % text):
            to = to.replace('&', '&amp;').replace('"', '&quot;')
            alice.send('<presence to="%s"><x xmlns="http://jabber.org/protocol/muc"/></presence>' %
                       to)
        alice.ping()

    @staticmethod
    def xml(text):
        """Without what XML cannot say at all."""
        return re.sub('[\x00-\x08\x0b\x0c\x0e-\x1f]', '', text)

    def check_line(self, line):
        wild = [c for c in line if unicodedata.category(c) in DANGEROUS]
        self.assertEqual(wild, [], repr(line))
        self.assertLessEqual(len(line.encode()), 1024)
        for secret in (USERS['alice'], 'guessed-secret', SAID):
            self.assertNotIn(secret, line)

    def test_text_BI_WEB_13(self):
        for line in self.fill('text'):
            self.assertRegex(line, TEXT_LINE)
            self.check_line(line)

    def test_json_BI_WEB_13(self):
        for line in self.fill('json'):
            self.check_line(line)
            entry = json.loads(line, object_pairs_hook=self.no_key_twice)
            self.assertEqual(list(entry)[:3], ['time', 'level', 'event'], line)
            for key, value in entry.items():
                self.assertRegex(key, r'\A[a-z][a-z0-9_]*\Z')
                self.assertIsInstance(value, str)
            self.assertNotEqual(entry['event'], 'forged')

    def no_key_twice(self, pairs):
        self.assertEqual(len(dict(pairs)), len(pairs), pairs)
        return dict(pairs)


if __name__ == '__main__':
    unittest.main()
