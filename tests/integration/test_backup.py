# SPDX-License-Identifier: Apache-2.0
"""`hansard db backup` while people talk, and what is made of the copies: a server that goes on where
the backup was made; a content that is older than its archive, and an archive older than its content."""

import hashlib
import json
import os
import shutil
import stat
import threading
import unittest

import checker
import harness
import raw
from harness import Server, until

USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2'}
ROOM = 'keep@chat.localhost'
RESTORED = 612
STORAGES = ('sqlite', 'postgresql')


def shown(element):
    ids = [e.get('id') for e in element.findall(raw.q(raw.STANZA_ID, 'stanza-id'))]
    return ids[0], element.findtext(raw.q(raw.CLIENT, 'body'))

KEYS = ['archive.key', 'archive.pub']


class Talker(threading.Thread):
    """Says one thing after the other, each once the one before was heard."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.done, self.failure = client, threading.Event(), None
        self.heard = []

    def run(self):
        try:
            while not self.done.is_set():
                body = 'm%05d' % len(self.heard)
                self.client.say(ROOM, body)
                self.heard.append(shown(self.client.hear(ROOM, body)))
        except BaseException as failure:
            self.failure = failure


class Backup(unittest.TestCase):

    def setUp(self):
        self.server = self.make_server(USERS)
        self.server.start()

    def make_server(self, users=None):
        server = Server({'limits': harness.UNLIMITED_RATES}, users)
        server.users.update(USERS)
        self.addCleanup(server.remove)
        return server

    def enter(self, server, name, history="maxstanzas='500'"):
        client = server.login(name)
        self.addCleanup(client.close)
        own, past, _ = client.join(ROOM, name, history)
        self.assertNotEqual(own.get('type'), 'error', raw.to_text(own))
        return client, [shown(m) for m in past]

    def backup(self, name='copy', server=None):
        folder = os.path.join(self.server.folder, name)
        done = (server or self.server).command('db', 'backup', folder, '--json', timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual([row['file'] for row in answer['files']],
                         [self.server.storage.copy_name(which) for which in ('content', 'archive')] + KEYS)
        return folder

    def put(self, folder, databases, server):
        for which in databases:
            server.storage.put(which, os.path.join(folder, server.storage.copy_name(which)))
        os.makedirs(server.data, exist_ok=True)
        for name in KEYS:
            shutil.copy(os.path.join(folder, name), server.data)

    def names(self):
        return sorted(['manifest.json', *KEYS] +
                      [self.server.storage.copy_name(which) for which in ('content', 'archive')])

    def archive(self, server, findings=()):
        records, heads = checker.read_archive(server.storage)
        self.assertEqual({line['finding'] for line in server.archive_findings()}, set(findings))
        return records, checker.chain_problems(records, heads)

    def talk_during(self, act):
        client, _ = self.enter(self.server, 'alice')
        talker = Talker(client)
        talker.start()
        until(lambda: len(talker.heard) > 30 or talker.failure, what='thirty messages')
        result = act()
        after = len(talker.heard)
        until(lambda: len(talker.heard) > after + 30 or talker.failure, what='thirty more')
        talker.done.set()
        talker.join(30)
        if talker.failure:
            raise talker.failure
        client.end()
        return result, talker.heard

    def test_a_rotation_that_is_not_through_is_in_the_copy(self):
        self.server.stop()
        rotated = self.server.command('archive', 'key', '--rotate')
        self.assertEqual(rotated.returncode, 0, rotated.stderr)
        folder = os.path.join(self.server.folder, 'copy')
        done = self.server.command('db', 'backup', folder, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in KEYS + ['archive.key.before']:
            with open(os.path.join(folder, name)) as copy, open(os.path.join(self.server.data, name)) as key:
                self.assertEqual(copy.read(), key.read(), name)
        self.server.start()

    def test_a_copy_under_load_is_a_server_that_goes_on(self):
        folder, heard = self.talk_during(self.backup)
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
        with open(os.path.join(folder, 'manifest.json')) as f:
            manifest = json.load(f)
        self.assertEqual(sorted(os.listdir(folder)), self.names())
        for entry in manifest['files']:
            path = os.path.join(folder, entry['file'])
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with open(path, 'rb') as f:
                data = f.read()
            self.assertEqual(len(data), entry['bytes'])
            self.assertEqual(hashlib.sha256(data).hexdigest(), entry['sha256'])
            if entry['file'] not in KEYS:
                self.assertGreater(entry['schema'], 0)

        other = self.make_server()
        self.put(folder, ['content', 'archive'], other)
        other.start()
        client, past = self.enter(other, 'bob')
        # The same messages under the same ids, up to where the copy was made.
        self.assertGreater(len(past), 20)
        at = heard.index(past[0])
        self.assertEqual(past, heard[at:at + len(past)])
        client.say(ROOM, 'goes on')
        client.hear(ROOM, 'goes on')
        client.end()
        other.stop()
        records, problems = self.archive(other)
        self.assertEqual(problems, [])
        self.assertEqual([r for r in records if r.t == RESTORED], [])
        content = checker.read_content(other.storage)
        heads = {r.src: (r.sn, r.hash) for r in records}
        self.assertEqual({s: h for s, h in content[3].items()}, heads)
        said = [p.data.decode() for r in records if r.t == 101 for p in r.parts if p.kind == 'body']
        self.assertEqual(said[-1], 'goes on')
        self.assertEqual(said[:-1], [body for _, body in heard[:len(said) - 1]])

    def test_a_content_older_than_the_archive_uses_no_number_twice(self):
        folder, heard = self.talk_during(self.backup)
        self.server.stop()
        self.server.start()
        client, _ = self.enter(self.server, 'bob')
        client.say(ROOM, 'lost to history')
        client.hear(ROOM, 'lost to history')
        client.end()
        self.server.stop()
        before, problems = self.archive(self.server)
        self.assertEqual(problems, [])

        self.put(folder, ['content'], self.server)
        self.server.start()
        self.assertTrue(any('the content is older than the archive' in line
                            for line in self.server.lines))
        client, past = self.enter(self.server, 'bob')
        self.assertNotIn('lost to history', [body for _, body in past])
        client.say(ROOM, 'after')
        client.hear(ROOM, 'after')
        client.end()
        self.server.stop()
        records, problems = self.archive(self.server)
        self.assertEqual(problems, [])  # numbers of sources and rooms are dense, chains hold
        self.assertEqual(records[:len(before)], before)
        told = [json.loads(r.leaf)['d'] for r in records if r.t == RESTORED]
        self.assertEqual({d['older'] for d in told}, {'content'})
        self.assertGreaterEqual(max(d['rooms'] for d in told), 1)

    def test_an_archive_older_than_the_content_says_what_it_lost(self):
        folder, _ = self.talk_during(self.backup)
        self.server.stop()
        self.put(folder, ['archive'], self.server)
        self.server.start()
        self.assertTrue(any('the archive has lost events' in line for line in self.server.lines))
        status = json.loads(self.server.command('status', '--json').stdout)
        self.assertGreater(status['archive_events_lost'], 0)
        self.assertEqual(status['archive'], 'copying, but no checkpoint can be signed: truncated')
        client, _ = self.enter(self.server, 'bob')
        client.say(ROOM, 'after')
        client.hear(ROOM, 'after')
        client.end()
        self.server.stop()
        # Until the loss is accepted, no checkpoint is signed and the verifier says why.
        self.archive(self.server, {'TRUNCATED'})
        done = self.server.command('archive', 'accept-loss', 'the disk is gone')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.server.start()
        archive = json.loads(self.server.command('archive', 'status', '--json').stdout)
        self.assertEqual(archive['checkpoints'], 'ready')
        self.server.stop()
        again = self.server.command('archive', 'accept-loss', 'twice')
        self.assertEqual(again.returncode, 1)
        self.assertIn('nothing to accept', again.stderr)
        # What is lost stays lost.
        records, problems = self.archive(self.server, {'TRUNCATED'})
        told = [json.loads(r.leaf)['d'] for r in records if r.t == RESTORED]
        self.assertEqual({d['older'] for d in told}, {'archive'})
        lost = sum(d['lost_last_sn'] - d['lost_first_sn'] + 1 for d in told)
        self.assertEqual(lost, status['archive_events_lost'])
        bodies = [p.data.decode() for r in records if r.t == 101 for p in r.parts
                  if p.kind == 'body']
        self.assertEqual(bodies[-1], 'after')
        for problem in problems:  # nothing is wrong but the hole that is spoken of
            self.assertRegex(problem, r'sn follows|sp is not the hash|rn .* follows|rp is not')

    def test_the_place_must_be_empty(self):
        folder = os.path.join(self.server.folder, 'full')
        os.mkdir(folder)
        with open(os.path.join(folder, 'something'), 'w'):
            pass
        done = self.server.command('db', 'backup', folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn('is not empty', done.stderr)
        os.remove(os.path.join(folder, 'something'))
        self.assertEqual(self.server.command('db', 'backup', folder).returncode, 0)
        os.mkdir(folder + '2.partial')
        done = self.server.command('db', 'backup', folder + '2')
        self.assertEqual(done.returncode, 1)
        self.assertIn('.partial is there', done.stderr)
        done = self.server.command('db', 'backup', '/proc/nowhere')
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1)

    def test_a_place_that_is_not_writable_is_told_with_what_to_do(self):
        done = self.server.command('db', 'backup', '/sys/nowhere')  # nobody makes folders there
        self.assertEqual(done.returncode, 1)
        self.assertIn('ReadWritePaths=/sys', done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1)

    def test_without_a_server_and_relative_to_where_it_is_typed(self):
        self.server.stop()
        done = self.server.command('db', 'backup', 'here', '--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(os.path.join(self.server.folder, 'here'))),
                         self.names())


if __name__ == '__main__':
    unittest.main()
