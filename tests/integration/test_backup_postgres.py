# SPDX-License-Identifier: Apache-2.0
"""`hansard db backup` from a PostgreSQL that is frozen, cut off or locked meanwhile, or without a pg_dump
that fits: a sentence in time, nothing left behind, and the server goes on."""

import contextlib
import os
import signal
import stat
import threading
import time
import unittest

import storage
from database_proxy import FAIL, Fault
from harness import until
from postgres_case import SLOWNESS, PostgresCase
from processes import children, lives
from storage import ARCHIVE, CONTENT

# Twelve seconds without an answer, and then it is soon over.
GIVEN_UP_WITHIN = 16
# The beginning of a command is recorded first, and waited for so long.
RECORDED_WITHIN = 60


class Backup(threading.Thread):
    """The command in a thread of its own."""

    def __init__(self, server, folder):
        super().__init__(daemon=True)
        self.server, self.folder, self.done = server, folder, None
        self.start()

    def run(self):
        self.done = self.server.command('db', 'backup', self.folder, timeout=120)

    def refusal(self):
        """Its one sentence, once it is over."""
        self.join(120)
        text = self.done.stderr.strip()
        if self.done.returncode != 1 or len(text.splitlines()) != 1:
            raise AssertionError('exit %d: %s' % (self.done.returncode, text))
        return text


class Interrupted(PostgresCase):

    def setUp(self):
        super().setUp()
        self.start()
        self.folder = os.path.join(self.server.folder, 'copy')

    def pg_dump(self):
        found = [pid for pid in children(self.server.process.pid) if lives(pid)]
        return found[0] if found else None

    @contextlib.contextmanager
    def under_way(self):
        """A backup whose pg_dump waits for a table, and which comes to nothing."""
        with self.server.storage.locked(CONTENT, 'private_xml', 'ACCESS EXCLUSIVE'):
            backup = Backup(self.server, self.folder)
            until(lambda: self.cluster.rows(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '%s'"
                " AND query LIKE 'LOCK TABLE%%'" % self.database()), what='pg_dump at the lock')
            pid = self.pg_dump()
            self.assertTrue(os.path.exists(self.folder + '.partial'))
            yield backup
        self.assertFalse(lives(pid), 'pg_dump is left')
        self.nothing_is_left()

    def nothing_is_left(self):
        for folder in (self.folder, self.folder + '.partial'):
            self.assertFalse(os.path.exists(folder), folder)

    def goes_on(self):
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        done = self.server.command('db', 'backup', self.folder, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.finish()

    def test_frozen(self):
        with self.under_way() as backup:
            self.addCleanup(self.cluster.thaw)
            self.cluster.freeze()
            began = time.monotonic()
            self.assertIn('has not answered for 12 seconds', backup.refusal())
            self.assertLess(time.monotonic() - began, GIVEN_UP_WITHIN * SLOWNESS)
            self.cluster.thaw()
        self.goes_on()

    def test_the_network_swallows_everything(self):
        with self.under_way() as backup:
            self.proxy.silence()
            self.assertIn('has not answered for 12 seconds', backup.refusal())
            self.proxy.speak()
        self.goes_on()

    def test_connections_are_cut(self):
        with self.under_way() as backup:
            self.proxy.cut()
            self.assertIn('there is no backup', backup.refusal())
        self.goes_on()

    def test_a_stop_while_a_table_is_locked_is_bounded(self):
        with self.under_way() as backup:
            self.server.process.send_signal(signal.SIGTERM)
            backup.join(60)
            self.assertEqual(self.server.process.wait(60), 0, self.server.tail())
            self.server._finish()
            self.server.check_reports()
            self.assertEqual(backup.done.returncode, 1, backup.done.stderr)

    def test_frozen_before_it_begins(self):
        self.addCleanup(self.cluster.thaw)
        self.cluster.freeze()
        began = time.monotonic()
        self.assertIn('did not answer in time', Backup(self.server, self.folder).refusal())
        self.assertLess(time.monotonic() - began, RECORDED_WITHIN + 5 * SLOWNESS)
        self.nothing_is_left()
        self.cluster.thaw()
        self.goes_on()

    def test_the_archive_alone_is_frozen_before_it_begins(self):
        with storage.postgres.Cluster() as other:
            database = self.server.config['database']
            self.server.stop()
            other.sql('CREATE DATABASE alone OWNER %s' % storage.postgres.ROLE)
            database[ARCHIVE] = other.url('alone')
            self.server.write_config()
            self.server.start()
            other.freeze()
            began = time.monotonic()
            self.assertIn('alone', Backup(self.server, self.folder).refusal())
            self.assertLess(time.monotonic() - began, GIVEN_UP_WITHIN * SLOWNESS)
            self.nothing_is_left()
            other.thaw()
            self.server.stop()


class Starting(PostgresCase):

    def test_a_start_that_waits_for_the_archive_ends_with_a_signal(self):
        self.start()
        self.finish()
        self.server.storage.change(ARCHIVE, 'UPDATE head SET sn = sn + 5')  # the content is older
        asked = threading.Event()

        def silent_from_here(sql, database, _):
            if database == self.database(ARCHIVE) and 'AS tail' in sql:
                self.proxy.silence()
                asked.set()
            return False
        self.proxy.arm(Fault(FAIL, silent_from_here))
        failures = []
        start = threading.Thread(target=self.refused, args=(failures,), daemon=True)
        start.start()
        until(asked.is_set, what='that it reads the archive')
        self.server.process.send_signal(signal.SIGTERM)
        start.join(20)
        self.proxy.speak()
        self.assertEqual(len(failures), 1)
        self.assertIn('given up while the archive was read', failures[0])
        self.server._finish()
        self.server.check_reports()

    def refused(self, failures):
        try:
            self.server.start()
        except AssertionError as failure:
            failures.append(str(failure))


class Programs(PostgresCase):

    def setUp(self):
        super().setUp()
        self.start()
        self.server.stop()
        self.path = os.path.join(self.server.folder, 'bin')
        os.mkdir(self.path)
        self.server.environment['PATH'] = self.path

    def refusal(self):
        self.server.start()
        folder = os.path.join(self.server.folder, 'copy')
        said = Backup(self.server, folder).refusal()
        self.assertFalse(os.path.exists(folder + '.partial'))
        self.server.stop()
        return said

    def install(self, script):
        program = os.path.join(self.path, 'pg_dump')
        with open(program, 'w') as f:
            f.write('#!/bin/sh\n' + script + '\n')
        os.chmod(program, stat.S_IRWXU)

    def test_no_pg_dump(self):
        self.assertRegex(self.refusal(), r'no pg_dump .* install .*postgresql-client-15')

    def test_an_old_pg_dump(self):
        self.install("echo 'pg_dump (PostgreSQL) 13.12 (Debian 13.12-1)'")
        self.assertRegex(self.refusal(), r'pg_dump is of PostgreSQL 13, .* of 15.*postgresql-client-15')


if __name__ == '__main__':
    unittest.main()
