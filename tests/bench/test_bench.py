#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The load generator from outside: it always ends, and it measures servers that are not ours."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration'))

import harness
from peers.prosody import Prosody

BENCH = os.environ.get('HANSARD_BENCH', '')
PASSWORD = 'bench-secret'
OVER = 'the time for the whole run is over'


def bench(*words, **options):
    return subprocess.Popen([BENCH, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=harness.environment(), **options)


class Bench(unittest.TestCase):

    def ends(self, process, timeout=120):
        out, err = process.communicate(timeout=timeout)
        self.assertIsNone(harness.REPORT.search(err), err)
        return process.returncode, out, err

    def test_a_server_that_never_answers(self):
        with socket.create_server(('127.0.0.1', 0)) as listener:
            kept = []

            def accept():
                try:
                    while True:
                        kept.append(listener.accept())
                except OSError:
                    pass
            threading.Thread(target=accept, daemon=True).start()
            where = '127.0.0.1:%d' % listener.getsockname()[1]
            for scenario in ('login', 'latency', 'churn', 'roster', 'resume'):
                code, _, err = self.ends(bench(scenario, '--quick', '--connect', where,
                                               '--max-seconds', '1'))
                self.assertEqual(code, 1, err)
                self.assertIn(OVER, err)
            listener.shutdown(socket.SHUT_RDWR)
            for peer, _ in kept:
                peer.close()

    def test_a_server_that_stops_answering(self):
        server = harness.Server({'c2s': {'require_tls': False, 'allow_plain_without_tls': True}},
                                {'bench%d' % i: PASSWORD for i in range(5)})
        self.addCleanup(server.remove)
        server.start()
        process = bench('latency', '--rooms', '2', '--latency-messages', '1000000', '--rate', '20',
                        '--connect', '127.0.0.1:%d' % server.port, '--max-seconds', '15')
        harness.until(lambda: sum('session opened' in line for line in server.lines) == 5,
                      what='five sessions')
        os.kill(server.pid, signal.SIGSTOP)
        try:
            code, _, err = self.ends(process)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        self.assertEqual(code, 1, err)
        self.assertRegex(err, OVER)

    def test_a_server_of_its_own_that_does_nothing(self):
        """It accepts nobody and does not heed SIGTERM; nothing of it stays behind."""
        place = tempfile.mkdtemp(prefix='hansard-it-bench-')
        self.addCleanup(shutil.rmtree, place, True)
        fake = os.path.join(place, 'hansard')
        with open(fake, 'w') as f:
            f.write('#!/bin/sh\n[ "$1" = user ] && { mkdir "$6"; exit 0; }\n'
                    '[ "$1" = serve ] || exit 1\n'
                    'trap "" TERM\necho $$ > %s/pid\necho READY\n'
                    'while true; do sleep 1; done\n' % place)
        os.chmod(fake, 0o700)
        code, _, err = self.ends(bench('latency', '--quick', '--hansard', fake, '--place', place,
                                       '--max-seconds', '2'))
        self.assertEqual(code, 1, err)
        self.assertTrue(os.path.exists(os.path.join(place, 'pid')), err)
        with open(os.path.join(place, 'pid')) as f:
            pid = int(f.read())
        harness.until(lambda: not os.path.exists('/proc/%d' % pid), what='the end of its server')
        self.assertEqual([name for name in os.listdir(place) if name.startswith('hansard-bench-')], [])

    @unittest.skipUnless(shutil.which('prosody'), 'prosody is not installed')
    def test_a_server_that_is_not_ours(self):
        server = Prosody({'bench%d' % i: PASSWORD for i in range(20)}, certificate_name=None)
        self.addCleanup(server.remove)
        server.start()
        where = ['--connect', '127.0.0.1:%d' % server.port, '--service', server.rooms]
        code, out, err = self.ends(bench('latency', '--rooms', '2', '--latency-messages', '100',
                                         '--rate', '50', '--json', *where))
        self.assertEqual(code, 0, out + err)
        report = json.loads(out)
        self.assertTrue(report['pass'])
        check, = report['checks']
        self.assertEqual((check['sent'], check['lost'], check['doubled'], check['reordered']),
                         (110, 0, 0, 0))
        self.assertFalse([f for f in report['figures'] if 'CPU' in f['figure']])
        code, out, err = self.ends(bench('roster', '--roster-items', '20', *where))
        self.assertIn('a roster of 20 p50', out, err)
        code, out, err = self.ends(bench('resume', *where))
        self.assertEqual(code, 1, out + err)
        self.assertIn('NOT OFFERED: the server has no stream management', out)
        code, out, err = self.ends(bench('idle', *where))
        self.assertEqual(code, 1)
        self.assertIn("give the server's --pid", err)


if __name__ == '__main__':
    unittest.main()
