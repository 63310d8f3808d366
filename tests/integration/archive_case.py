# SPDX-License-Identifier: Apache-2.0
"""What tests of the archive share: its commands, and an archive that somebody tampered with."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness
import storage as storages
from configuration import merged, toml
from harness import Server, until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import postgres  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VERIFIER = os.path.join(ROOT, 'verifier', 'verify.py')
GUARDED = ('event', 'part', 'checkpoint', 'subtree')


class ArchiveCase(unittest.TestCase):
    USERS = {}
    CONFIG = {}

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='hansard-outside-')
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.published = os.path.join(self.folder, 'checkpoints.log')
        self.server = Server(merged({'archive': {'checkpoints': self.published},
                                     'limits': {**harness.UNLIMITED_RATES,
                                                'preauth_per_address': 1000}}, self.CONFIG),
                             self.USERS)
        self.addCleanup(self.server.remove)

    # ---- commands

    def done(self, *words):
        """A command that must succeed; what it says."""
        answer = self.server.command(*words, '--json')
        self.assertEqual(answer.returncode, 0, (words, answer.stderr))
        return json.loads(answer.stdout)

    def key(self):
        return self.done('archive', 'key')['keys'][0]

    def status(self):
        return self.done('archive', 'status')

    def until_sealed(self):
        """All that is recorded by now is archived and under a checkpoint."""
        def sealed():
            state = self.status()
            return state['archive_backlog'] == 0 and state['without_checkpoint'] == 0
        until(sealed, 60, 'a checkpoint over everything')

    def until_nearly_sealed(self, event_count):
        """What was recorded by now is: commands are recorded too, so there is always something."""
        until(lambda: self.status().get('checkpoint_events', 0) >= event_count, 60, 'a checkpoint')

    @staticmethod
    def findings(done):
        """Names, without informations; the whole lines; the exit code."""
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]
        found = [line for line in lines if 'finding' in line]
        return {line['finding'] for line in found if not line['information']}, found, done.returncode

    def verify(self, *words, config=None):
        arguments = [harness.program(), 'archive', 'verify', '--json', *words]
        if '--export' not in words:
            arguments += ['-c', config or self.server.config_file]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=300,
                              env=harness.environment())
        self.assertNotRegex(done.stderr, harness.REPORT)
        return self.findings(done)

    def verify_py(self, *words):
        return self.findings(subprocess.run(
            ['/usr/bin/python3', VERIFIER, *words], capture_output=True, text=True, timeout=300))

    def assert_clean(self, verdict):
        self.assertEqual((verdict[0], verdict[2]), (set(), 0), verdict[1])

    # ---- tampering

    @contextlib.contextmanager
    def tampered(self, *statements):
        """A copy of the archive that somebody changed who may do everything: the configuration that
        names it."""
        storage = self.server.storage
        folder = tempfile.mkdtemp(dir=self.folder)
        name = '%s_%s' % (getattr(storage, 'databases', {}).get('archive', ''),
                          os.path.basename(folder).replace('-', '_').lower())
        if isinstance(storage, storages.Sqlite):
            url = 'sqlite:' + self.copied(folder)
            self.change_sqlite(url.split(':', 1)[1], statements)
        else:
            postgres.sql(storage.admin, 'CREATE DATABASE "%s" TEMPLATE %s OWNER %s' %
                         (name, storage.databases['archive'], postgres.ROLE))
            url = storage.config['database']['archive'].replace(storage.databases['archive'], name)
            self.change_postgres(storage.admin.rsplit('/', 1)[0] + '/' + name, statements)
        config = os.path.join(folder, 'hansard.toml')
        with open(config, 'w') as f:
            f.write(toml(merged(self.server.config, {'database': {'archive': url}})))
        try:
            yield config
        finally:
            if not isinstance(storage, storages.Sqlite):
                postgres.sql(storage.admin, 'DROP DATABASE "%s" WITH (FORCE)' % name)

    def copied(self, folder):
        """The SQLite archive's files, while no server runs."""
        data = self.server.data
        for file in os.listdir(data):
            if file.startswith('archive.') and '.key' not in file and not file.endswith('.lock'):
                shutil.copy(os.path.join(data, file), folder)
        return os.path.join(folder, 'archive.db')

    @staticmethod
    def change_sqlite(file, statements):
        import sqlite3
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as db:
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute('DROP TRIGGER "%s"' % name)
            for statement in statements:
                db.execute(statement)
            db.execute('PRAGMA wal_checkpoint(TRUNCATE)')

    @staticmethod
    def change_postgres(url, statements):
        tables = [row[0] for row in postgres.rows(
            url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        postgres.sql(url, '; '.join(['ALTER TABLE %s DISABLE TRIGGER ALL' % t for t in tables] +
                                    list(statements)))
