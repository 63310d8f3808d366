# SPDX-License-Identifier: Apache-2.0
"""What goes out of a room's history by command: nobody is shown it any more, the archive has it."""

import datetime
import json
import unittest

import checker
import harness
import raw
from harness import Server, until

USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2'}
ROOM = 'purged@chat.localhost'
STORAGES = ('sqlite', 'postgresql')


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


class Purge(unittest.TestCase):

    def setUp(self):
        self.server = Server({'limits': harness.UNLIMITED_RATES}, USERS)
        self.addCleanup(self.server.remove)
        self.server.start()

    def enter(self, name):
        client = self.server.login(name)
        self.addCleanup(client.close)
        _, past, _ = client.join(ROOM, name, "maxstanzas='500'")
        return client, [m.findtext(raw.q(raw.CLIENT, 'body')) for m in past]

    def say(self, client, *bodies):
        for body in bodies:
            client.say(ROOM, body)
            client.hear(ROOM, body)

    def purge(self, before):
        done = self.server.command('room', 'purge', ROOM, '--before', before, '--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)['messages']

    def test_a_live_room_forgets_too_and_the_archive_does_not(self):
        alice, _ = self.enter('alice')
        self.say(alice, 'one', 'two')
        moment = now()
        self.say(alice, 'three')
        self.assertEqual(self.purge(moment), 2)
        bob, past = self.enter('bob')
        self.assertEqual(past, ['three'])
        self.say(alice, 'four')
        bob.hear(ROOM, 'four')
        bob.leave(ROOM, 'bob')
        # From the database, over the gap.
        alice.leave(ROOM, 'alice')
        self.server.stop()
        self.server.start()
        _, past = self.enter('bob')
        self.assertEqual(past, ['three', 'four'])
        self.server.stop()
        records, heads = checker.read_archive(self.server.storage)
        self.assertEqual(checker.chain_problems(records, heads), [])
        bodies = [p.data.decode() for r in records if r.t == 101 for p in r.parts
                  if p.kind == 'body']
        self.assertEqual(bodies, ['one', 'two', 'three', 'four'])
        commands = [json.loads(r.leaf)['d'] for r in records if r.t == 604]
        purges = [d for d in commands if d['command'] == 'room purge']
        self.assertEqual([d['phase'] for d in purges], ['started', 'finished'])
        self.assertEqual(purges[1]['n'], 2)

    def test_rules_of_the_configuration_hold_from_a_reload_on(self):
        alice, _ = self.enter('alice')
        said = ['m%d' % n for n in range(9)]
        self.say(alice, *said)
        self.server.config = harness.merged(self.server.config, {'history': {'keep_messages': 4}})
        self.server.write_config()
        done = self.server.command('reload')
        self.assertEqual(done.returncode, 0, done.stderr)

        def kept():
            shown = self.server.command('room', 'show', ROOM, '--json').stdout
            return json.loads(shown)['messages_kept']
        until(lambda: kept() == 4, what='four messages')

        def given():
            bob, past = self.enter('bob')
            bob.leave(ROOM, 'bob')
            bob.end()
            return past
        until(lambda: given() == said[-4:], what='memory that goes with the database')

    def test_without_a_server(self):
        alice, _ = self.enter('alice')
        self.say(alice, 'one')
        self.server.stop()
        self.assertEqual(self.purge(now()), 1)
        self.assertEqual(self.purge(now()), 0)

    def test_what_is_refused(self):
        alice, _ = self.enter('alice')
        for arguments, code, words in (
                (('room', 'purge', ROOM), 2, '--before'),
                (('room', 'purge', ROOM, '--before', 'yesterday'), 2, '--before'),
                (('room', 'purge', 'nobody@chat.localhost', '--before', '2026-01-01'), 1, 'no room'),
                (('room', 'set', ROOM), 2, '--keep-days'),
                (('room', 'set', ROOM, '--keep-days', '0'), 2, '1 to 36500'),
                (('room', 'set', ROOM, '--keep-days', '36501'), 2, '1 to 36500'),
                (('room', 'set', ROOM, '--keep-messages', 'few'), 2, 'unlimited or default')):
            done = self.server.command(*arguments)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            self.assertIn(words, done.stderr)
        self.assertEqual(self.purge('2000-01-01'), 0)

    def test_a_rooms_own_rule_is_shown_and_taken_back(self):
        self.enter('alice')
        done = self.server.command('room', 'set', ROOM, '--keep-days', '36500', '--keep-messages', '1')
        self.assertEqual(done.returncode, 0, done.stderr)

        def settings():
            shown = json.loads(self.server.command('room', 'show', ROOM, '--json').stdout)
            return {row['setting']: row['value'] for row in shown['settings']}
        self.assertEqual(settings()['hansard#keep_days'], '36500')
        self.assertEqual(settings()['hansard#keep_messages'], '1')
        self.server.command('room', 'set', ROOM, '--keep-days', 'default')
        self.assertNotIn('hansard#keep_days', settings())
        self.assertEqual(settings()['hansard#keep_messages'], '1')


if __name__ == '__main__':
    unittest.main()
