# SPDX-License-Identifier: Apache-2.0
"""Content and archive in two clusters, of which the archive's is killed and comes back: nothing is lost,
nothing doubled, and what became of new messages is on record (compliance.md C08, C09, C10)."""

import json
import unittest

from harness import until
from outage_case import OutageCase
from storage import ARCHIVE, CONTENT, Postgres, postgres

MODE_CHANGED = 609


class TwoClusters:
    """Content in one, archive in the other."""

    name = 'postgresql'

    def __init__(self, clusters):
        self.parts = {which: Postgres(cluster.url('postgres', postgres.SUPERUSER), keep=True)
                      for which, cluster in clusters.items()}
        self.config = {'database': {which: part.config['database'][which]
                                    for which, part in self.parts.items()}}

    def rows(self, which, query):
        return self.parts[which].rows(which, query)

    def remove(self):
        """They go with their clusters."""


class ArchiveAway(OutageCase):
    clusters = {}

    @classmethod
    def setUpClass(cls):
        for which in (CONTENT, ARCHIVE):
            try:
                cls.clusters[which] = postgres.Cluster(durable=True)
            except postgres.Unavailable as why:
                raise unittest.SkipTest(str(why)) from None
            cls.addClassCleanup(cls.clusters[which].remove)
            cls.clusters[which].create()

    def begin(self, **archive):
        for cluster in self.clusters.values():
            if cluster.process is None:  # a test before this one failed
                cluster.start()
        self.start({'archive': archive}, TwoClusters(self.clusters))

    def back(self):
        self.clusters[ARCHIVE].start()
        until(lambda: self.backlog() == 0, 60, 'that all is archived and under a checkpoint')

    def backlog(self):
        return self.status()['archive_backlog']

    def modes(self):
        leaves = [json.loads(row[0]) for row in self.server.storage.rows(
            ARCHIVE, 'SELECT leaf FROM event WHERE t = %d ORDER BY seq' % MODE_CHANGED)]
        return [(leaf['d']['old'], leaf['d']['new']) for leaf in leaves]

    def load(self, count, what):
        for number in range(count):
            self.alice.say('%s %d' % (what, number))
            if number % 20 == 19:
                self.alice.client.ping()
                self.alice.look()
                self.bob.look()

    def test_away_for_a_whole_load_and_back(self):
        self.begin()
        self.clusters[ARCHIVE].kill()
        self.load(600, 'while it is away')
        for person in (self.alice, self.bob):
            until(lambda: person.shown('while it is away 599'), what='that the room goes on')
        self.assertEqual(self.alice.errors, {})
        until(lambda: self.status()['archive'].startswith('cannot be written'), 10, 'the alarm')
        self.assertGreaterEqual(self.backlog(), 600)
        self.back()
        self.finish()
        self.assertEqual(self.modes(), [('following', 'buffering'), ('buffering', 'following')])

    def test_away_where_nothing_may_be_said_meanwhile(self):
        self.begin(on_outage='refuse')
        self.clusters[ARCHIVE].kill()
        self.say_until_refused(self.alice)
        self.assertEqual(set(self.alice.errors.values()), {('wait', 'resource-constraint')})
        self.clusters[ARCHIVE].start()
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        until(lambda: self.backlog() == 0, 60, 'that all is archived')
        self.finish()
        modes = self.modes()
        self.assertIn('refusing', {new for _, new in modes})
        self.assertEqual(modes[-1][1], 'following')

    def test_away_until_the_outbox_is_full(self):
        self.begin(outbox_limit=1000)
        self.clusters[ARCHIVE].kill()
        self.load(900, 'as long as there is room')
        until(lambda: self.alice.shown('as long as there is room 899'), what='the last')
        self.assertEqual(self.alice.errors, {})
        self.say_until_refused(self.alice)
        self.assertLess(self.backlog(), 1200)
        self.clusters[ARCHIVE].start()
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        until(lambda: self.backlog() == 0, 60, 'that all is archived')
        self.finish()
        self.assertIn('refusing', {new for _, new in self.modes()})


if __name__ == '__main__':
    unittest.main()
