# SPDX-License-Identifier: Apache-2.0
"""Starts the program under test on a data directory of its own, and judges how it behaved.

HANSARD names the program; with SANITIZER reports switched to "stop and exit non-zero", so that a
report can neither scroll by nor be survived.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from configuration import merged, toml  # noqa: F401: part of what tests find here
import raw
import storage as storages

PROGRAM = os.environ.get('HANSARD', '')
REPORT = re.compile(r'ERROR: \w*Sanitizer|runtime error:|WARNING: ThreadSanitizer|SUMMARY: \w+Sanitizer')
SANITIZER_EXIT = 99
CONTROL = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f]')
# Not a refusal: these come with every login, the second whenever the server notices the end.
SESSION = re.compile(r'\bsession (opened|closed)\b')


def program():
    if not PROGRAM:
        raise RuntimeError('set HANSARD to the program to be tested')
    if not os.access(PROGRAM, os.X_OK):
        raise RuntimeError('HANSARD=%s is not a program' % PROGRAM)
    return os.path.abspath(PROGRAM)


def environment():
    env = dict(os.environ)
    common = 'halt_on_error=1:exitcode=%d' % SANITIZER_EXIT
    env['ASAN_OPTIONS'] = common + ':detect_leaks=1:quarantine_size_mb=8:allocator_may_return_null=0'
    env['LSAN_OPTIONS'] = 'exitcode=%d:print_suppressions=0:suppressions=%s' % (
        SANITIZER_EXIT, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lsan.supp'))
    env['UBSAN_OPTIONS'] = common + ':print_stacktrace=1'
    env['TSAN_OPTIONS'] = common
    env['LC_ALL'] = 'C.UTF-8'
    return env


_sanitized = None


def is_sanitized():
    """True if the program was built with AddressSanitizer."""
    global _sanitized
    if _sanitized is None:
        with open(program(), 'rb') as f:
            _sanitized = b'__asan_init' in f.read()
    return _sanitized


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind(('127.0.0.1', 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def until(condition, timeout=None, what='the condition'):
    """Polls; the value of the condition is returned."""
    timeout = raw.PATIENCE if timeout is None else timeout
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError('%s did not come true within %.0f s' % (what, timeout))
        pause.wait(0.01)


class Server:
    """`hansard serve` on a temporary data directory. The same object can be started again."""

    def __init__(self, config=None, users=None, log_format=None, storage=None):
        self.folder = tempfile.mkdtemp(prefix='hansard-it-')
        self.data = os.path.join(self.folder, 'data')
        self.config_file = os.path.join(self.folder, 'hansard.toml')
        self.port, self.tls_port = free_ports(2)
        self.storage = storage or storages.chosen(self.data)
        self.config = merged({
            'domain': 'localhost',
            'data_dir': self.data,
            'log_level': 'info',
            'listen': {'c2s': ['127.0.0.1:%d' % self.port],
                       'c2s_tls': ['127.0.0.1:%d' % self.tls_port], 's2s': [], 'http': []},
            **self.storage.config,
        }, config or {})
        self.write_config()
        self.log_format = log_format
        self.environment, self.before_exec = {}, None  # for its process, the latter called in it
        self.process = None
        self.lines = []      # stderr and stdout of all runs, as they came
        self.exits, self._readers = [], []
        self._fresh = threading.Condition()
        self.users = {}
        if users:
            try:
                self.import_users(users)
            except BaseException:
                self.remove()
                raise

    def write_config(self):
        with open(self.config_file, 'w') as f:
            f.write(toml(self.config))

    # ---- commands

    def command(self, *arguments, input=None, timeout=60):
        """`hansard ARGUMENTS -c FILE`, finished."""
        done = subprocess.run([program(), *arguments, '-c', self.config_file], input=input,
                              capture_output=True, text=True, timeout=timeout, env=environment(),
                              cwd=self.folder)
        if REPORT.search(done.stderr) or done.returncode < 0 or done.returncode == SANITIZER_EXIT:
            raise AssertionError('hansard %s: exit %d\n%s' %
                                 (' '.join(arguments), done.returncode, done.stderr))
        return done

    def archive_findings(self):
        """What `hansard archive verify` finds, without what is accounted for."""
        done = self.command('archive', 'verify', '--json', timeout=300)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode not in (0, 1) or not lines or 'clean' not in lines[-1]:
            raise AssertionError('archive verify: exit %d\n%s' % (done.returncode, done.stderr))
        return [line for line in lines[:-1] if not line['information']]

    def import_users(self, users):
        text = ''.join('%s,%s\n' % item for item in users.items())
        done = self.command('user', 'import', '-', input=text)
        if done.returncode != 0:
            raise AssertionError('no accounts: %s' % (done.stdout + done.stderr))
        self.users.update(users)

    # ---- life

    def start(self, timeout=60):
        first = len(self.lines)
        arguments = [program(), 'serve', '-c', self.config_file]
        if self.log_format:
            arguments += ['--log-format', self.log_format]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**environment(), **self.environment},
                                        stdin=subprocess.DEVNULL,
                                        preexec_fn=self.before_exec, cwd=self.folder)
        self._readers = [threading.Thread(target=self._collect, args=(stream,), daemon=True)
                         for stream in (self.process.stdout, self.process.stderr)]
        for reader in self._readers:
            reader.start()

        def ready():
            if any('READY' in line for line in self.lines[first:]):
                return True
            if self.process.poll() is not None:
                raise AssertionError('hansard serve ended with %s:\n%s' %
                                     (self.process.returncode, '\n'.join(self.lines[first:])))
            return False
        until(ready, timeout, 'READY')
        return self

    def _collect(self, stream):
        for line in stream:
            with self._fresh:
                self.lines.append(line.decode('utf-8', 'replace').rstrip('\n'))
                self._fresh.notify_all()
        stream.close()

    def quiet(self):
        """Returns once the log has been silent for a moment: the lines of before are in."""
        with self._fresh:
            while self._fresh.wait(0.02):
                pass

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, timeout=40, ask=True):
        """SIGTERM if `ask`; the exit code must be 0 and no sanitizer may have spoken."""
        if self.process is None:
            return
        if ask and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self._finish()
            raise AssertionError('SIGTERM did not end the server in %d s:\n%s' %
                                 (timeout, self.tail())) from None
        self._finish()
        if code != 0:
            raise AssertionError('the server exited with %d:\n%s' % (code, self.tail()))
        self.check_reports()

    def kill9(self):
        self.process.kill()
        self.process.wait()
        self._finish()
        self.check_reports()

    def _finish(self):
        for reader in self._readers:
            reader.join(10)
        self.exits.append(self.process.returncode)
        self.process = None

    def remove(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self._finish()
        self.storage.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self, count=60):
        return '\n'.join(self.lines[-count:])

    def check_reports(self):
        for i, line in enumerate(self.lines):
            if REPORT.search(line):
                raise AssertionError('a sanitizer spoke:\n' + '\n'.join(self.lines[i:i + 60]))

    # ---- looking inside

    @property
    def pid(self):
        return self.process.pid

    def sockets(self):
        """Open sockets of the process."""
        return sum(1 for target in self._descriptors() if target.startswith('socket:'))

    def descriptors(self):
        return len(self._descriptors())

    def _descriptors(self):
        folder = '/proc/%d/fd' % self.pid
        found = []
        for name in os.listdir(folder):
            try:
                found.append(os.readlink(os.path.join(folder, name)))
            except OSError:
                pass
        return found

    def rss(self):
        with open('/proc/%d/statm' % self.pid) as f:
            return int(f.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

    def cpu_seconds(self):
        """CPU time of all threads so far, user and system."""
        with open('/proc/%d/stat' % self.pid) as f:
            fields = f.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    # ---- clients

    def plain(self, **options):
        return raw.Raw(self.port, **options)

    def tls(self, **options):
        return raw.Raw(self.tls_port, tls=True, **options)

    def login(self, user, mechanism='PLAIN', resource=None, **options):
        return self.tls(**options).login(user, self.users[user], mechanism, resource)


UNLIMITED_RATES = {'bytes_per_second': 'unlimited', 'stanzas_per_second': 'unlimited'}


class ServerCase(unittest.TestCase):
    """One server for all tests of a class, with the same judgement around
    each: the process lives, a bystander who was there before is still answered, no log line is
    long, wild or tells a secret, there are no more lines than connections account for, and in the
    end no socket is left."""

    config = {}
    users = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2', 'eve': 'eves-secret-3',
             'bystander': 'bystanders-secret-4'}
    mechanism = 'PLAIN'
    server = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.config, cls.users)
        try:
            cls.server.start()
            cls.bystander = cls.server.login('bystander', cls.mechanism, 'watching')
            cls.bystander.ping()
            cls.sockets_before = cls.server.sockets()
            cls.descriptors_before = cls.server.descriptors()
        except BaseException:
            cls.server.remove()
            raise

    @classmethod
    def tearDownClass(cls):
        try:
            until(lambda: cls.server.sockets() <= cls.sockets_before, 30,
                  'that all sockets of ended connections are closed')
            # Database files are opened when first used, so a few more are no leak.
            until(lambda: cls.server.descriptors() <= cls.descriptors_before + 12, 10,
                  'that descriptors are given back')
            cls.bystander.end()
            cls.server.stop()
        finally:
            cls.server.remove()

    def setUp(self):
        self.clients = []
        self.server.quiet()
        self.log_start = len(self.server.lines)
        self.log_allowance = 0  # lines besides one for each connection or refusal
        self.bystander.drain()
        self.bystander.reader.elements.clear()

    def tearDown(self):
        for client in self.clients:
            client.close()
        self.check_oracle()

    # ---- clients that are closed for the test

    def keep(self, client):
        self.clients.append(client)
        return client

    def plain(self, **options):
        return self.keep(self.server.plain(**options))

    def tls(self, **options):
        return self.keep(self.server.tls(**options))

    def edge(self, name, **options):
        return self.plain(**options) if name == 'plain' else self.tls(**options)

    def login(self, user, **options):
        return self.keep(self.server.login(user, self.mechanism, **options))

    # ---- the oracle

    def check_oracle(self):
        if not self.server.alive():
            self.fail('the server is gone:\n' + self.server.tail())
        answer = self.bystander.ping()
        self.assertEqual(answer.get('type'), 'result')
        self.server.check_reports()
        lines = self.server.lines[self.log_start:]
        for line in lines:
            self.assertLessEqual(len(line.encode()), 1024, line)
            self.assertIsNone(CONTROL.search(line), repr(line))
            for secret in self.users.values():
                self.assertNotIn(secret, line)
        refusals = [line for line in lines if not SESSION.search(line)]
        allowed = self.log_allowance + sum(max(1, client.refusals) for client in self.clients)
        self.assertLessEqual(len(refusals), allowed, '\n'.join(refusals))

    # ---- what an input must lead to

    def expect_stream_error(self, client, *conditions, timeout=None, closes_within=5 * 3):
        """`<error/>` with one of the conditions, `</stream:stream>`, end of TCP; nothing else."""
        error = client.wait(lambda e: e.tag == raw.q(raw.STREAMS, 'error'), timeout, 'stream error')
        self.assertIn(raw.stream_condition(error), conditions, raw.to_text(error))
        client.wait_closed(closes_within)
        self.assertTrue(client.reader.ended, 'no </stream:stream> after %s' % raw.to_text(error))
        self.assertEqual([raw.to_text(e) for e in client.reader.elements
                          if e.tag != raw.q(raw.STREAMS, 'features')], [],
                         'something came besides the stream error')
        self.assertIsNotNone(client.header)
        return error

    def expect_failure(self, answer, *conditions):
        self.assertEqual(answer.tag, raw.q(raw.SASL, 'failure'), raw.to_text(answer))
        self.assertIn(raw.sasl_condition(answer), conditions, raw.to_text(answer))
