# SPDX-License-Identifier: Apache-2.0
"""The server as a service: what it tells its manager, how it is stopped, what it may do."""

import configparser
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import unittest

import harness
import http_case
import sandbox
from harness import Server, until

UNIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'packaging',
                    'hansard.service')
USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2'}
ROOM = 'service@chat.localhost'


class Manager:
    """The other end of sd_notify(3), at an abstract address."""

    def __init__(self):
        self.name = '@hansard-it-%d-%d' % (os.getpid(), id(self))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind('\0' + self.name[1:])
        self.socket.setblocking(False)
        self.heard = []

    def listen(self):
        while True:
            try:
                self.heard.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return self.heard

    def count(self, word):
        return sum(word in text.split('\n') for text in self.listen())

    def close(self):
        self.socket.close()


class Managed(unittest.TestCase):

    def setUp(self):
        self.manager = Manager()
        self.addCleanup(self.manager.close)
        config, port = http_case.with_pages({'limits': harness.UNLIMITED_RATES})
        self.server = Server(config, USERS)
        self.addCleanup(self.server.remove)
        self.pages = http_case.Pages(port)

    def start(self, watchdog_seconds=None):
        self.server.environment = {'NOTIFY_SOCKET': self.manager.name}
        if watchdog_seconds:
            self.server.environment['WATCHDOG_USEC'] = str(watchdog_seconds * 1000000)
        self.server.start()

    def wait_for(self, word, times=1):
        until(lambda: self.manager.count(word) >= times, what=word)

    def test_ready_reloading_stopping(self):
        self.start()
        self.wait_for('READY=1')
        self.server.login('alice').end()  # ready means that clients may come
        self.assertEqual(self.manager.count('WATCHDOG=1'), 0)  # nobody asked for it
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_for('RELOADING=1')
        self.wait_for('READY=1', 2)
        self.server.stop()
        self.wait_for('STOPPING=1')
        order = [text.split('\n')[0] for text in self.manager.listen()]
        self.assertEqual(order, ['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1'])

    def test_the_watchdog_is_fed_while_shards_answer(self):
        self.start(watchdog_seconds=30)
        self.wait_for('WATCHDOG=1', 3)
        self.server.stop()

    # ---- the end

    def test_a_second_sigterm_ends_it_at_once(self):
        self.start()
        alice = self.server.login('alice')
        self.addCleanup(alice.close)
        alice.join(ROOM, 'alice')
        holder = self.hold_the_record()
        self.addCleanup(holder.close)
        alice.say(ROOM, 'never recorded')
        alice.ping()
        process = self.server.process
        process.send_signal(signal.SIGTERM)
        self.wait_for('STOPPING=1')
        self.assertIsNone(process.poll())  # the first waits for the record
        # It is taken once the draining has begun, which the manager was told.
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(5), 1)
        self.server._finish()
        self.assertIn('second signal', self.server.tail())
        holder.execute('ROLLBACK')
        self.server.start()  # and it comes up again
        with self.server.login('bob') as bob:
            own, past, _ = bob.join(ROOM, 'bob', "maxstanzas='10'")
            self.assertEqual(past, [])
        self.server.stop()

    def test_a_stop_while_the_record_is_away_is_told_and_bounded(self):
        self.start()
        with self.server.login('alice') as alice:
            alice.join(ROOM, 'alice')
            holder = self.hold_the_record()
            self.addCleanup(holder.close)
            alice.say(ROOM, 'never recorded')
            alice.ping()
            self.server.process.send_signal(signal.SIGTERM)
            self.wait_for('STOPPING=1')
            # Nothing is said in the room, but the stream ends as every other does.
            error = alice.wait(lambda e: e.tag == '{%s}error' % harness.raw.STREAMS, 40)
            self.assertEqual(harness.raw.stream_condition(error), 'system-shutdown')
            self.assertEqual(self.server.process.wait(60), 1)
            self.server._finish()
        self.server.check_reports()

    def hold_the_record(self):
        holder = sqlite3.connect(os.path.join(self.server.data, 'content.db'), timeout=30,
                                 isolation_level=None)
        holder.execute('BEGIN IMMEDIATE')
        return holder

    # ---- illness

    def test_health_while_the_databases_are_away(self):
        self.start()
        self.assertEqual(self.pages.health()[0], 200)
        alice = self.server.login('alice')
        self.addCleanup(alice.close)
        alice.join(ROOM, 'alice')
        for name, part, words in (('content.db', 'record', 'refused'),
                                  ('archive.db', 'archive', 'wait in the outbox')):
            holder = sqlite3.connect(os.path.join(self.server.data, name), timeout=30,
                                     isolation_level=None)
            holder.execute('BEGIN IMMEDIATE')
            alice.say(ROOM, 'something to be written')
            until(lambda: self.pages.health()[0] == 503, 60, 'that it is ill')
            _, health = self.pages.health()
            self.assertEqual((health['status'], health[part]['status']), ('ill', 'ill'))
            self.assertIn(words, health[part]['text'])
            now = self.pages.metrics()
            if part == 'record':
                self.assertEqual(now['hansard_record_writable'].value(), 0)
                self.assertGreater(now['hansard_record_queue_events'].value(), 0)
                self.assertGreater(now['hansard_rooms_waiting'].value(), 0)
            else:
                self.assertEqual(now['hansard_archive_state'].value(state='retrying'), 1)
                self.assertGreater(now['hansard_outbox_rows'].value(), 0)
            holder.execute('ROLLBACK')
            holder.close()
            until(lambda: self.pages.health()[0] == 200, 60, 'that it is well again')
        alice.end()
        self.server.stop()


class Unit(unittest.TestCase):

    def test_every_setting_is_known(self):
        if not shutil.which('systemd-analyze'):
            self.skipTest('systemd-analyze is not here')
        done = subprocess.run(['systemd-analyze', 'verify', '--man=no', UNIT], capture_output=True,
                              text=True)
        wrong = [line for line in done.stderr.split('\n')
                 if re.search(r'hansard\.service', line) and 'not executable' not in line]
        self.assertEqual(wrong, [])

    def test_a_database_that_comes_late_is_waited_for(self):
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str
        unit.read(UNIT)
        self.assertIn('postgresql.service', unit['Unit']['After'].split())
        # Tried again for good: each start without the database fails at once.
        self.assertEqual(unit['Unit']['StartLimitIntervalSec'], '0')
        self.assertEqual(unit['Service']['Restart'], 'on-failure')
        self.assertGreaterEqual(int(unit['Service']['RestartSec']), 1)

    def test_exposure(self):
        if not shutil.which('systemd-analyze'):
            self.skipTest('systemd-analyze is not here')
        done = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--no-pager', UNIT],
                              capture_output=True, text=True, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
        level = re.search(r'Overall exposure level for hansard\.service: ([0-9.]+)', done.stdout)
        self.assertIsNotNone(level, done.stdout + done.stderr)
        self.assertLessEqual(float(level[1]), 2.0)

    def test_the_server_works_within_the_limits_of_its_unit(self):
        if sandbox.seccomp is None or not shutil.which('systemd-analyze'):
            self.skipTest('python3-seccomp or systemd-analyze is not here')
        rules = sandbox.make_filter(sandbox.settings(UNIT))
        config, port = http_case.with_pages()
        server = Server(config, USERS)
        self.addCleanup(server.remove)

        def bind():
            sandbox.no_new_privileges()
            rules.load()
        server.before_exec = bind
        # LeakSanitizer stops its own process by ptrace, which no service may.
        server.environment = {'ASAN_OPTIONS': harness.environment()['ASAN_OPTIONS'].replace(
            'detect_leaks=1', 'detect_leaks=0')}
        server.start()
        with open('/proc/%d/status' % server.pid) as f:
            self.assertRegex(f.read(), r'Seccomp:\s+2')
        with server.login('alice', 'SCRAM-SHA-256') as alice, server.login('bob') as bob:
            alice.join(ROOM, 'alice')
            bob.join(ROOM, 'bob')
            alice.say(ROOM, 'within limits')
            bob.hear(ROOM, 'within limits')
            bob.leave(ROOM, 'bob')
        self.assertEqual(http_case.Pages(port).health()[1]['status'], 'well')
        self.assertEqual(server.command('status').returncode, 0)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: any(' reloaded ' in line for line in server.lines), what='the reload')
        server.stop()

    def test_the_sandbox_does_bind(self):
        """Else the test above would say nothing: the same rules, and a call they forbid."""
        if sandbox.seccomp is None or not shutil.which('systemd-analyze'):
            self.skipTest('python3-seccomp or systemd-analyze is not here')
        rules = sandbox.make_filter(sandbox.settings(UNIT))

        def bind():
            sandbox.no_new_privileges()
            rules.load()
        code = 'import socket, mmap\n' \
               'try: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW); print("netlink")\n' \
               'except OSError: pass\n' \
               'try: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC); print("exec")\n' \
               'except OSError: pass\n' \
               'print("bound")\n'
        done = subprocess.run(['/usr/bin/python3', '-c', code], preexec_fn=bind,
                              capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr), ('bound\n', ''))


if __name__ == '__main__':
    unittest.main()
