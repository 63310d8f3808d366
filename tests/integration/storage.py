# SPDX-License-Identifier: Apache-2.0
"""Where a server under test keeps its two databases. HANSARD_TEST_STORAGE chooses: sqlite, files in its
data directory, or postgresql, two databases of the cluster that HANSARD_TEST_POSTGRES_ADMIN names.

A test that looks into a database asks here (`server.storage`), not the file, and so runs on both.
script/run-tests runs a module on both if it says so in a line `STORAGES = ('sqlite', 'postgresql')`.
"""

import contextlib
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import postgres  # noqa: E402

CONTENT, ARCHIVE = 'content', 'archive'
# The row that each transaction of the one writer compares and sets.
HEADS = {CONTENT: 'source_head', ARCHIVE: 'head'}
OPERATION = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'docs', 'operation.md')


def documented(program):
    """The words of the command with which docs/operation.md restores."""
    with open(OPERATION) as f:
        restore = f.read().split('\n## Restore\n')[1]
    return shlex.split(re.search('`(%s [^`]*)`' % program, restore)[1])


def chosen(data):
    name = os.environ.get('HANSARD_TEST_STORAGE', 'sqlite')
    if name == 'sqlite':
        return Sqlite(data)
    if name != 'postgresql':
        raise RuntimeError('HANSARD_TEST_STORAGE is sqlite or postgresql, not %s' % name)
    if 'HANSARD_TEST_POSTGRES_ADMIN' not in os.environ:
        raise unittest.SkipTest('no PostgreSQL: run it by tests/support/postgres.py run -- …')
    return Postgres(os.environ['HANSARD_TEST_POSTGRES_ADMIN'])


class Sqlite:
    """Files in the data directory."""

    name = 'sqlite'

    def __init__(self, data):
        self.data = data
        self.config = {}

    def path(self, which):
        return os.path.join(self.data, which + '.db')

    def rows(self, which, query):
        with contextlib.closing(sqlite3.connect('file:%s?mode=ro' % self.path(which),
                                                uri=True)) as db:
            db.text_factory = lambda b: b.decode('utf-8', 'surrogateescape')
            return db.execute(query).fetchall()

    def change(self, which, statement):
        """Behind the server's back."""
        with contextlib.closing(sqlite3.connect(self.path(which), timeout=30)) as db, db:
            db.execute(statement)

    @contextlib.contextmanager
    def held(self, which):
        """Nobody else can write to the database meanwhile."""
        holder = sqlite3.connect(self.path(which), timeout=30, isolation_level=None)
        try:
            holder.execute('BEGIN IMMEDIATE')
            yield
        finally:
            holder.close()

    def copy_name(self, which):
        """What `db backup` calls its copy."""
        return which + '.db'

    def put(self, which, file):
        """The copy in the database's place, while no server runs."""
        os.makedirs(self.data, exist_ok=True)
        for end in ('', '-wal', '-shm'):
            if os.path.exists(self.path(which) + end):
                os.remove(self.path(which) + end)
        shutil.copy(file, self.path(which))

    def remove(self):
        """The folder goes with the server's."""


class Postgres:
    """Two databases of a cluster."""

    name = 'postgresql'

    def __init__(self, admin, hosts=None, options='', more='', keep=False):
        """`admin` is a superuser's URL; `hosts` is what the server is told: host:port, or several with
        commas; `more` goes into CREATE DATABASE; `keep`: they go with the cluster."""
        self.admin, self.keep = admin, keep
        server = admin.split('@', 1)[1].rsplit('/', 1)[0]
        self.databases = {which: 'it_%s_%s' % (uuid.uuid4().hex[:12], which)
                          for which in (CONTENT, ARCHIVE)}
        for database in self.databases.values():
            postgres.sql(admin, 'CREATE DATABASE %s OWNER %s %s' % (database, postgres.ROLE, more))
        self.config = {'database': {
            which: 'postgresql://%s@%s/%s%s' % (postgres.ROLE, hosts or server, database, options)
            for which, database in self.databases.items()}}

    def url(self, which):
        return self.admin.rsplit('/', 1)[0] + '/' + self.databases[which]

    def rows(self, which, query):
        return postgres.rows(self.url(which), query)

    def change(self, which, statement):
        postgres.sql(self.url(which), statement)

    def held(self, which):
        """Whoever writes waits, as behind a lock that somebody forgot."""
        return self.locked(which, HEADS[which], 'EXCLUSIVE')

    @contextlib.contextmanager
    def locked(self, which, table, mode):
        holder = subprocess.Popen([postgres.program('psql'), '-X', '-q', '-A', '-t', '-d', self.url(which)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                  env=postgres.environment())
        try:
            holder.stdin.write('BEGIN; LOCK TABLE %s IN %s MODE;\n\\echo held\n' % (table, mode))
            holder.stdin.flush()
            if holder.stdout.readline().strip() != 'held':
                raise AssertionError('no lock on %s' % self.databases[which])
            yield
        finally:
            holder.communicate('ROLLBACK;\n', timeout=30)

    def copy_name(self, which):
        return which + '.dump'

    def put(self, which, file):
        database = self.databases[which]
        postgres.sql(self.admin, 'DROP DATABASE IF EXISTS %s WITH (FORCE)' % database)
        where = {**postgres.environment(), **dict(zip(('PGUSER', 'PGHOST', 'PGPORT'), re.match(
            r'postgresql://(\w+)@([\w.]+):(\d+)/', self.admin).groups()))}
        for program in ('createdb', 'pg_restore'):
            words = [{'NAME': database, '--dbname=NAME': '--dbname=' + database, 'content.dump': file}
                     .get(word, word) for word in documented(program)]
            subprocess.run([postgres.program(program), *words[1:]], check=True, env=where)

    def remove(self):
        if not self.keep:
            self.drop()

    def drop(self):
        for database in self.databases.values():
            postgres.sql(self.admin, 'DROP DATABASE IF EXISTS %s WITH (FORCE)' % database)
