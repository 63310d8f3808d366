#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL for tests: own data directory in a temporary folder (in memory if there is room),
loopback and a socket in that folder, a free port, ended by its process id. Standard library only.

    python3 tests/support/postgres.py run [--durable] -- COMMAND…

runs COMMAND with a cluster, whose URLs are in its environment:

    HANSARD_TEST_POSTGRES        postgresql://hansard@127.0.0.1:PORT/hansard; the role may create databases
    HANSARD_TEST_POSTGRES_ADMIN  postgresql://postgres@127.0.0.1:PORT/postgres, a superuser

PostgreSQL refuses to run as root: then it is the system user postgres, or nobody. Databases sort as
English does (ICU), not bytewise, so that whoever relies on the order of bytes is found out.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from leftovers import MEMORY, PREFIX, Unavailable, forget_abandoned, remove_segment, unprivileged
from processes import children, lives, send

ENOUGH = 2 << 30  # bytes in memory
SUPERUSER, ROLE = 'postgres', 'hansard'
START_WITHIN, STOP_WITHIN = 60, 60

SETTINGS = {
    'listen_addresses': '127.0.0.1', 'max_connections': '200', 'shared_buffers': '32MB',
    'timezone': 'UTC', 'log_timezone': 'UTC', 'log_line_prefix': '%m [%p] %q%u@%d ', 'lc_messages': 'C',
    'wal_level': 'replica', 'max_wal_senders': '4', 'wal_keep_size': '64MB', 'max_wal_size': '128MB',
    'hot_standby': 'on', 'fsync': 'on', 'synchronous_commit': 'on',
    'dynamic_shared_memory_type': 'mmap',  # in the folder, so that nothing of it outlives a kill()
}
# For what does not ask whether anything survives.
THROWAWAY = {'fsync': 'off', 'full_page_writes': 'off', 'autovacuum': 'off'}


def program(name):
    """The path of one of PostgreSQL's programs."""
    folder = os.environ.get('HANSARD_POSTGRES_BIN', '/usr/lib/postgresql/15/bin')
    path = os.path.join(folder, name)
    if not os.access(path, os.X_OK):
        raise Unavailable('%s is not there: install postgresql-15 or set HANSARD_POSTGRES_BIN' % path)
    return path


def environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith('PG')}
    env['LC_ALL'] = 'C.UTF-8'
    return env


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def until(condition, timeout, what):
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError('PostgreSQL: %s did not come true within %d s' % (what, timeout))
        pause.wait(0.01)
    return value


def place():
    """Where clusters go."""
    try:
        room = os.statvfs(MEMORY)
    except OSError:
        return tempfile.gettempdir()
    enough = room.f_bavail * room.f_frsize >= ENOUGH and os.access(MEMORY, os.W_OK)
    return MEMORY if enough else tempfile.gettempdir()


class Cluster:
    """One postmaster with its data. The same object can be started again after stop() or kill().
    `durable`: with fsync, as an operator runs it."""

    def __init__(self, durable=False, settings=None):
        program('postgres')
        forget_abandoned()
        self.user = unprivileged()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX, dir=place()))
        (self.folder / 'maker').write_text(str(os.getpid()))
        self.give(self.folder)
        self.data = self.folder / 'data'
        self.settings = {**SETTINGS, **({} if durable else THROWAWAY), **(settings or {}),
                         'unix_socket_directories': str(self.folder)}
        self.port = None
        self.process = None
        self.standbys = []

    def give(self, path):
        """Makes the file or folder the database's."""
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def _as_user(self, *command):
        words = ['setpriv', '--pdeathsig', 'QUIT']
        if self.user:
            words += ['--reuid', str(self.user.pw_uid), '--regid', str(self.user.pw_gid),
                      '--clear-groups']
        return [*words, '--', *command]

    def _run(self, name, *arguments):
        done = subprocess.run(self._as_user(program(name), *arguments), env=environment(),
                              cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise AssertionError('%s: exit %d\n%s' % (name, done.returncode, done.stdout))

    # ---- life

    def create(self):
        """initdb, start, and the role and database of the tests."""
        self._run('initdb', '-D', str(self.data), '-U', SUPERUSER, '--auth=trust', '--no-sync',
                  '--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu',
                  '--icu-locale=en-US', '--no-instructions')
        hba = self.data / 'pg_hba.conf'
        # One role that needs a password; all others are let in.
        hba.write_text('host all with_password 127.0.0.1/32 scram-sha-256\n' + hba.read_text())
        self.start()
        self.sql('CREATE ROLE %s LOGIN CREATEDB' % ROLE)
        self.sql('CREATE DATABASE %s OWNER %s' % (ROLE, ROLE))
        return self

    def start(self, wait=True):
        # What has found a port taken meanwhile tries again; a port once used stays the same.
        for attempt in range(5):
            if self.process is None:
                self._launch()
            if not wait:
                return self
            if self._wait_ready():
                return self
            if self.standbys or attempt == 4 or 'could not bind' not in self.log():
                break
            self.port = None
        raise AssertionError('PostgreSQL does not start:\n' + self.log()[-4000:])

    def _launch(self):
        if self.port is None:
            self.port = free_port()
        settings = {**self.settings, 'port': self.port}
        options = [word for item in settings.items() for word in ('-c', '%s=%s' % item)]
        with open(self.folder / 'log', 'ab') as log:
            self.process = subprocess.Popen(
                self._as_user(program('postgres'), '-D', str(self.data), *options),
                env=environment(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT)

    def _state(self):
        """As the postmaster says it in the first file it writes."""
        try:
            lines = (self.data / 'postmaster.pid').read_text().split('\n')
            return lines[7].strip() if int(lines[0]) == self.process.pid else ''
        except (OSError, IndexError, ValueError):
            return ''

    def _wait_ready(self):
        def settled():
            if self.process.poll() is not None:
                self.process = None
                return 'ended'
            return self._state() == 'ready' and 'ready'
        return until(settled, START_WITHIN, 'ready') == 'ready'

    def stop(self, mode='fast'):
        """smart waits for clients, fast ends them, immediate leaves recovery to the next start."""
        if self.process is None:
            return
        self.thaw()
        send(self.process.pid, {'smart': signal.SIGTERM, 'fast': signal.SIGINT,
                                'immediate': signal.SIGQUIT}[mode])
        self.process.wait(STOP_WITHIN)
        self.process = None

    def kill(self):
        """-9 for all of its processes, as when the machine loses its power; the kernel keeps what
        was written to files."""
        if self.process is None:
            return
        family = self._family(signal.SIGSTOP)
        for pid in family:
            send(pid, signal.SIGKILL)
        self.process.wait(STOP_WITHIN)
        self.process = None
        until(lambda: not any(map(lives, family)), STOP_WITHIN, 'that its processes are gone')

    def _family(self, what):
        """Sends it to the postmaster first, so that it starts no more, then to its children."""
        send(self.process.pid, what)
        family = [self.process.pid, *children(self.process.pid)]
        for pid in family[1:]:
            send(pid, what)
        return family

    def freeze(self):
        """Nothing moves; connections stay open, and the kernel goes on accepting new ones."""
        self._family(signal.SIGSTOP)

    def thaw(self):
        if self.process is not None:
            self._family(signal.SIGCONT)

    def remove(self):
        """Ends it and leaves nothing behind."""
        for standby in self.standbys:
            standby.remove()
        self.standbys = []
        if self.process is not None:
            self.stop('immediate')
        remove_segment(self.data)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self if self.process else self.create()

    def __exit__(self, *_):
        self.remove()

    def log(self):
        try:
            return (self.folder / 'log').read_text(errors='replace')
        except OSError:
            return ''

    # ---- databases

    def url(self, database=ROLE, user=ROLE):
        return 'postgresql://%s@127.0.0.1:%d/%s' % (user, self.port, database)

    def sql(self, statement, database='postgres', user=SUPERUSER):
        """Runs it and returns what it gives, as text."""
        return sql(self.url(database, user), statement)

    def rows(self, query, database='postgres'):
        return rows(self.url(database, SUPERUSER), query)

    def setting(self, name, value):
        """Changes a setting of the running cluster. What it was started with cannot be changed."""
        self.sql("ALTER SYSTEM SET %s = '%s'" % (name, value.replace("'", "''")))
        self.sql('SELECT pg_reload_conf()')
        until(lambda: self.sql('SHOW ' + name).strip() == value, 10, name + ' = ' + value)

    # ---- replication

    def standby(self, name='standby'):
        """A streaming replica, started and up to date; removed with this one."""
        other = Cluster(settings={**self.settings})
        try:
            other._run('pg_basebackup', '-h', str(self.folder), '-p', str(self.port), '-U', SUPERUSER,
                       '-D', str(other.data), '-R', '-X', 'stream', '-c', 'fast', '--no-sync',
                       '-d', 'application_name=' + name)
            other.start()
            until(lambda: self.sql("SELECT count(*) FROM pg_stat_replication WHERE state = "
                                   "'streaming' AND application_name = '%s'" % name).strip() == '1',
                  30, 'streaming')
        except BaseException:
            other.remove()
            raise
        self.standbys.append(other)
        return other

    def promote(self):
        self.sql('SELECT pg_promote(true, 30)')


def sql(url, statement):
    done = subprocess.run([program('psql'), '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', url,
                           '-f', '-'], input=statement, env=environment(), capture_output=True,
                          encoding='utf-8', timeout=120)
    if done.returncode != 0:
        raise AssertionError('psql: exit %d\n%s\n%s' % (done.returncode, statement, done.stderr))
    return done.stdout


def rows(url, query):
    """The rows of a query as tuples of numbers, texts and None. Columns need different names."""
    text = sql(url, 'SELECT row_to_json(one) FROM (%s) AS one' % query)
    return [tuple(json.loads(line).values()) for line in text.split('\n') if line]  # texts may have U+2028


# ---- a command with a cluster

def exports(cluster):
    return {'HANSARD_TEST_POSTGRES': cluster.url(),
            'HANSARD_TEST_POSTGRES_ADMIN': cluster.url('postgres', SUPERUSER)}


def run(command, durable):
    with Cluster(durable) as cluster:
        process = subprocess.Popen(command, env={**os.environ, **exports(cluster)})

        def stop(number, _):
            send(process.pid, number)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, stop)
        code = process.wait()
    return code if code >= 0 else 128 - code


def main():
    words = sys.argv[1:]
    if '--' not in words or words[0] != 'run' or words[-1] == '--':
        print(__doc__.strip(), file=sys.stderr)
        return 2
    options, command = words[1:words.index('--')], words[words.index('--') + 1:]
    if set(options) - {'--durable'}:
        print('postgres.py: unknown: %s' % ' '.join(options), file=sys.stderr)
        return 2
    try:
        return run(command, '--durable' in options)
    except Unavailable as why:
        print('postgres.py: %s' % why, file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
