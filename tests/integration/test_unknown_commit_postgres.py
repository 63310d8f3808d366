# SPDX-License-Identifier: Apache-2.0
"""The connection to PostgreSQL breaks around a COMMIT, or a statement fails (BI-DB-03, BI-DB-04, BI-DB-06,
BI-DB-07): one row, one reflection, or a clear error."""

import unittest

import raw
from database_proxy import FAIL, LATE, LOSE_ANSWER, LOSE_STATEMENT, Fault, is_commit
from harness import until
from outage_case import ROOM
from postgres_case import PostgresCase
from storage import ARCHIVE, CONTENT


class UnknownCommit(PostgresCase):

    def in_doubt(self, kind, which=CONTENT, table='history', meanwhile=None):
        """A message whose COMMIT meets the fault; it must be shown, once."""
        fault = self.proxy.arm(Fault(kind, is_commit(self.database(which), table)))
        body = '%s %d' % (kind, len(self.alice.sent))
        self.alice.say(body)
        until(fault.fired.is_set, what='a COMMIT')
        if meanwhile:
            meanwhile(fault, body)
        until(fault.over.is_set, 40, 'the end of the fault')
        until(lambda: self.alice.answered(body), what='an answer to %r' % body)
        return body

    def shown_to_both(self, bodies):
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.assertEqual(self.alice.visit.live, self.bob.visit.live)
        self.assertLessEqual(set(bodies), set(self.alice.live()), 'reported as failed')
        self.finish()

    def test_the_answer_is_lost(self):
        self.start()
        self.shown_to_both([self.in_doubt(LOSE_ANSWER) for _ in range(5)])

    def test_the_commit_is_lost(self):
        self.start()
        self.shown_to_both([self.in_doubt(LOSE_STATEMENT) for _ in range(5)])

    def test_the_commit_comes_late(self):
        """The connection is gone, but the COMMIT is still on its way: nobody may say «it is not there»,
        nor write it once more."""
        def meanwhile(fault, body):
            self.say_until_refused(self.alice)  # it has looked, and does not know
            self.assertFalse(self.alice.shown(body), 'shown without a record')
            fault.release.set()
        self.start()
        self.shown_to_both([self.in_doubt(LATE, meanwhile=meanwhile)])

    def test_the_archive_is_in_doubt(self):
        self.start()
        self.shown_to_both([self.in_doubt(kind, ARCHIVE, 'event')
                            for kind in (LOSE_ANSWER, LOSE_STATEMENT, LOSE_ANSWER)])

    # ---- statements that fail

    def test_each_statement_fails_once(self):
        """For n = 1, 2, …: the n-th statement of a scenario fails, until it passes untouched."""
        self.start()
        self.bob.leave_room()
        for sqlstate, every in (('40001', 1), ('53100', 1), ('40P01', 3), ('25006', 3), ('57014', 3),
                                ('57P01', 3)):
            n = 1
            while self.scenario_fails(n, sqlstate):
                n += every
                self.assertLess(n, 200, 'the scenario never passes untouched')
            self.assertGreater(n, 4, 'nothing was executed')
            print('%s: %d statements' % (sqlstate, n), flush=True)
        self.bob.insist_on_entering()  # so often that he is asked to wait (BI-MUC-22)
        self.finish()

    def scenario_fails(self, n, sqlstate):
        """Bob enters, both talk, he is kicked. True if the fault fell on it."""
        fault = self.proxy.fail_nth(n, sqlstate, self.database())
        self.bob.insist_on_entering()
        for person in (self.alice, self.bob):
            person.goes_on('%s in %s %d' % (person.name, sqlstate, n))
        self.alice.insist_on_kicking('bob')
        self.bob.client.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                             e.get('from') == ROOM + '/bob' and '307' in raw.status_codes(e),
                             what='that bob is kicked')
        self.bob.look()
        self.proxy.disarm()
        return fault.fired.is_set()


if __name__ == '__main__':
    unittest.main()
