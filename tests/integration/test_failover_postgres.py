# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL with a streaming replica: the primary is lost, the replica is promoted, and the server, which
knows both, goes on (BI-DB-06, BI-DB-09)."""

import unittest

from harness import until
from postgres_case import RESUMES_WITHIN, PostgresCase
from storage import Postgres, postgres


class Failover(PostgresCase):
    """A pair for each test; a commit waits for the replica, so nothing is lost with the primary."""

    @classmethod
    def setUpClass(cls):
        try:
            postgres.program('postgres')
        except postgres.Unavailable as why:
            raise unittest.SkipTest(str(why)) from None

    def setUp(self):
        self.cluster = postgres.Cluster(durable=True)
        self.addCleanup(self.cluster.remove)
        self.cluster.create()
        self.replica = self.cluster.standby()
        self.cluster.setting('synchronous_standby_names', 'standby')

    def pair(self, *first):
        """Databases by way of both, the primary first or as given."""
        ports = first or (self.cluster.port, self.replica.port)
        return Postgres(self.admin(), hosts=','.join('127.0.0.1:%d' % port for port in ports),
                        keep=True)

    def promote(self):
        self.replica.promote()
        self.server.storage.admin = self.replica.url('postgres', postgres.SUPERUSER)

    def go_through(self, end_of_primary, storage=None, within=RESUMES_WITHIN):
        self.start(storage=storage or self.pair())
        for number in range(20):
            self.alice.say('under way %d' % number)
        end_of_primary()
        self.say_until_refused(self.alice)
        # The replica is there all the time, but it takes no changes.
        with self.resumption(self.promote, within):
            last = self.alice.goes_on('after')
        for body in self.alice.sent:
            until(lambda: self.alice.answered(body), what='an answer to %r' % body)
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.assertEqual(self.alice.visit.live, self.bob.visit.live)
        # The archivist's own connection may have been given up later than the writer's.
        until(lambda: self.status()['archive_backlog'] == 0, 60, 'that the archive catches up')
        self.finish()

    def test_the_primary_is_killed(self):
        self.go_through(self.cluster.kill)

    def test_the_primary_is_frozen(self):
        """It keeps its connections and says nothing; after twelve seconds it is given up."""
        self.addCleanup(self.cluster.thaw)
        self.go_through(self.cluster.freeze, within=15)

    def test_planned(self):
        self.go_through(self.cluster.stop)

    def test_the_replica_is_named_first(self):
        self.go_through(self.cluster.kill, self.pair(self.replica.port, self.cluster.port))

    def test_a_host_that_is_not_there_is_passed_over(self):
        self.start(storage=self.pair(postgres.free_port(), self.cluster.port))
        self.finish()

    # ---- a commit that did not reach the replica

    def test_an_end_of_waiting_for_the_replica_is_no_success_bi_db_09(self):
        """PostgreSQL then says COMMIT with a warning: it is in the primary alone, and would be lost with
        it. Nothing of it is shown before the replica has it."""
        self.start(storage=self.pair())
        until(lambda: self.status()['archive_backlog'] == 0, what='an archive that is up to date')
        self.replica.kill()
        self.alice.say('only here')
        first = until(self.waiting, what='a commit that waits for the replica')
        for pid in first:
            self.cluster.sql('SELECT pg_cancel_backend(%d)' % pid)

        def asks_again_or_shows():
            return self.alice.shown('only here') or self.waiting() - first
        until(asks_again_or_shows, what='what follows from the warning')
        self.assertFalse(self.alice.shown('only here'), 'shown, and lost with the primary')
        self.replica.start()
        until(lambda: self.alice.answered('only here'), what='an answer')
        self.assertTrue(self.alice.shown('only here'), 'reported as failed, yet on record')
        until(lambda: self.bob.shown('only here'), what='that bob is shown it')
        self.finish()

    def waiting(self):
        return {pid for pid, in self.cluster.rows(
            "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")}


if __name__ == '__main__':
    unittest.main()
