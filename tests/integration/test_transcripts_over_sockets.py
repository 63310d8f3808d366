# SPDX-License-Identifier: Apache-2.0
"""The transcripts of tests/scripts, which a unit test runs straight through muc::Service, over real
sockets: the same files, the real program."""

import os
import re
import subprocess
import unittest

import harness
from harness import Server


def runner():
    build = os.path.dirname(os.path.dirname(harness.program()))
    return os.environ.get('TRANSCRIPTS_OVER_SOCKETS',
                          os.path.join(build, 'tests', 'scripts', 'transcripts_over_sockets'))


class Transcripts(unittest.TestCase):

    def test_every_script(self):
        accounts = subprocess.run([runner(), '--accounts'], capture_output=True, text=True,
                                  check=True, env=harness.environment()).stdout
        users = dict(line.split(',', 1) for line in accounts.splitlines())
        self.assertNotEqual(users, {})
        server = Server({'c2s': {'require_tls': False, 'allow_plain_without_tls': True},
                         'limits': harness.UNLIMITED_RATES}, users)
        self.addCleanup(server.remove)
        server.start()
        done = subprocess.run(
            [runner()], capture_output=True, text=True, timeout=300,
            env=dict(harness.environment(), HANSARD_TEST_C2S='127.0.0.1:%d' % server.port,
                     HANSARD_TEST_DOMAIN='localhost', HANSARD_TEST_SERVICE='chat.localhost'))
        self.assertTrue(server.alive(), server.tail())
        results = re.split(r'^(?=pass |FAIL )', done.stdout, flags=re.M)
        results = [r for r in results if r.startswith(('pass ', 'FAIL '))]
        for result in results:
            verdict, name = result[:4], result[5:].split('\n', 1)[0].split(':', 1)[0]
            with self.subTest(script=name):
                self.assertEqual(verdict, 'pass', result)
        self.assertGreater(len(results), 20, done.stdout + done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        server.stop()


if __name__ == '__main__':
    unittest.main()
