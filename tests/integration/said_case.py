# SPDX-License-Identifier: Apache-2.0
"""What somebody says in a room, and that all of it is in an archive that both verifiers call clean; and a
server whose clock is set."""

import json
import os
import struct

import harness
from archive_case import ArchiveCase
from storage import ARCHIVE, Sqlite

ROOM = 'faults@chat.localhost'
POSTED = 101


def set_clock():
    build = os.path.dirname(os.path.dirname(harness.program()))
    return os.environ.get('SET_CLOCK',
                          os.path.join(build, 'tests', 'integration', 'libset_clock.so'))


class SaidCase(ArchiveCase):
    USERS = {'alice': 'alices-secret-1'}

    def enter(self):
        self.client = self.server.login('alice')
        self.addCleanup(self.client.close)
        own, _, _ = self.client.join(ROOM, 'alice')
        self.assertNotEqual(own.get('type'), 'error')
        self.said = []

    def say(self, body):
        self.client.say(ROOM, body)
        self.client.hear(ROOM, body)
        self.said.append(body)

    def say_some(self, prefix, count=20):
        for n in range(count):
            self.say('%s %d' % (prefix, n))

    def end(self):
        self.client.end()
        self.server.stop()

    def clean(self):
        """By both verifiers, with all that was said once and in order; the leaves."""
        key = self.key()
        self.assert_clean(self.verify('--key', key, '--checkpoints', self.published))
        folder = os.path.join(self.folder, 'export')
        self.done('archive', 'export', folder)
        self.assert_clean(self.verify('--export', folder, '--key', key))
        self.assert_clean(self.verify_py(folder, '--key', key))
        if isinstance(self.server.storage, Sqlite):
            self.assert_clean(self.verify_py(
                '--archive', self.server.storage.path(ARCHIVE), '--key', key,
                '--checkpoints', self.published))
        with open(os.path.join(folder, 'events.jsonl')) as f:
            events = [json.loads(line) for line in f]
        leaves = [json.loads(event['leaf']) for event in events]
        bodies = []
        for event, leaf in zip(events, leaves):
            if leaf['t'] == POSTED:
                kinds = {part['n']: part['k'] for part in leaf['parts']}
                bodies += [p['data'] for p in event['parts'] if kinds[p['n']] == 'body']
        self.assertEqual(bodies, self.said)
        return leaves


class ClockCase(SaidCase):

    def setUp(self):
        super().setUp()
        self.clock = os.path.join(self.folder, 'clock')
        self.set(0)
        self.server.environment = {'LD_PRELOAD': set_clock(), 'HANSARD_TEST_CLOCK': self.clock,
                                   'ASAN_OPTIONS': 'verify_asan_link_order=0'}

    def set(self, seconds):
        with open(self.clock, 'r+b' if os.path.exists(self.clock) else 'wb') as f:
            f.write(struct.pack('=q', seconds))
