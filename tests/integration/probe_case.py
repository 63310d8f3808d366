# SPDX-License-Identifier: Apache-2.0
"""What the tests of `hansard probe` share: how it is called and how its answer is read."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

import harness
import raw
from command_case import DONE, REFUSED, USAGE

USERS = {'alice': 'alices secret-1', 'bob': 'bobs-secret-2', 'carol': 'carols-secret-3'}
STEPS = ['connect', 'login_1', 'login_2', 'service', 'join_1', 'join_2', 'reflection_1',
         'delivery_1', 'reflection_2', 'delivery_2', 'leave_2', 'leave_1', 'logout']
KEYS = ['ok', 'host', 'port', 'room', 'room_made', 'room_left', 'microseconds', 'failed_step',
        'error', 'steps']


class ProbeCase(unittest.TestCase):
    domain = 'localhost'

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='hansard-it-probe-')
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.passwords = self.write_passwords(USERS)

    def write_passwords(self, users, extra='', mode=0o600):
        path = os.path.join(self.folder, 'passwords')
        with open(path, 'w') as f:
            f.write('# for the probe\n\n')
            f.write(''.join('%s@%s %s\n' % (u, self.domain, p) for u, p in users.items()) + extra)
        os.chmod(path, mode)
        return path

    def probe(self, port, room, *options, host='127.0.0.1', user1=None, user2=None, timeout=120):
        words = [harness.program(), 'probe', '%s:%d' % (host, port),
                 '--user1', user1 or 'alice@' + self.domain, '--user2', user2 or 'bob@' + self.domain,
                 '--passwords', self.passwords, '--room', room, *options]
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout,
                              env=harness.environment(), cwd=self.folder)
        said = done.stdout + done.stderr
        self.assertIsNone(harness.REPORT.search(said), said)
        for secret in USERS.values():
            self.assertNotIn(secret, said)
        return done

    def passes(self, port, room, *options, **more):
        """The JSON object of a probe in which every step went well."""
        done = self.probe(port, room, '--json', *options, **more)
        self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(list(report), KEYS)
        self.assertEqual([s['step'] for s in report['steps']], STEPS)
        for step in report['steps']:
            self.assertEqual((step['result'], step['error']), ('ok', ''), step)
            self.assertGreaterEqual(step['microseconds'], 0)
        self.assertIs(report['ok'], True)
        self.assertEqual((report['failed_step'], report['error']), ('', ''))
        return report

    def fails(self, step, sentence, port, room, *options, **more):
        """The JSON object of a probe that fails at that step with a sentence like that."""
        done = self.probe(port, room, '--json', *options, **more)
        self.assertEqual(done.returncode, REFUSED, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(list(report), KEYS)
        self.assertIs(report['ok'], False)
        self.assertEqual(report['failed_step'], step, done.stdout)
        self.assertRegex(report['error'], sentence)
        self.assertRegex(report['error'], '; ', 'it says what to do')
        at = STEPS.index(step)
        self.assertEqual([s['result'] for s in report['steps']],
                         ['ok'] * at + ['failed'] + ['skipped'] * (len(STEPS) - at - 1))
        last = done.stderr.splitlines()[-1]
        self.assertTrue(last.startswith('hansard: ' + step + ' ('), done.stderr)
        self.assertTrue(last.endswith(report['error']), done.stderr)
        return report

    def refused(self, sentence, words):
        """Wrong usage: nothing was tried."""
        done = subprocess.run([harness.program(), 'probe', *words], capture_output=True, text=True,
                              timeout=60, env=harness.environment(), cwd=self.folder)
        self.assertEqual(done.returncode, USAGE, done.stdout + done.stderr)
        self.assertEqual(done.stdout, '')
        self.assertRegex(done.stderr, sentence)
        for secret in USERS.values():
            self.assertNotIn(secret, done.stderr)

    # ---- what another client sees

    def client(self, port, user='carol'):
        client = raw.Raw(port, domain=self.domain)
        self.addCleanup(client.close)
        return client.login(user, USERS[user], 'SCRAM-SHA-1', 'desk')

    def makes_room(self, client, room, **settings):
        """A room with a configuration of its own; the client stays inside as its owner."""
        own, _, _ = client.join(room, 'Owner')
        self.assertIn('201', raw.status_codes(own))
        fields = {'muc#roomconfig_' + name: value for name, value in settings.items()}
        fields['FORM_TYPE'] = 'http://jabber.org/protocol/muc#roomconfig'
        form = ''.join("<field var='%s'><value>%s</value></field>" % f for f in fields.items())
        answer = client.request(
            "<query xmlns='%s'><x xmlns='jabber:x:data' type='submit'>%s</x></query>" %
            (raw.MUC_OWNER, form), to=room, type='set')
        self.assertEqual(answer.get('type'), 'result', raw.to_text(answer))

    def affiliate(self, client, room, user, affiliation):
        answer = client.request(
            "<query xmlns='http://jabber.org/protocol/muc#admin'><item jid='%s@%s' "
            "affiliation='%s'/></query>" % (user, self.domain, affiliation), to=room, type='set')
        self.assertEqual(answer.get('type'), 'result', raw.to_text(answer))

    def is_new(self, client, room):
        """True if nobody had left a room there: entering makes it."""
        own, _, _ = client.join(room, 'Watcher')
        self.assertNotEqual(own.get('type'), 'error', raw.to_text(own))
        return '201' in raw.status_codes(own)
