# SPDX-License-Identifier: Apache-2.0
"""The databases are away, held by the write lock of another process: nothing is shown that is not on
record, and what can go on goes on. Every run ends before the judge of the kill loop."""

import os
import signal
import unittest

import raw
from harness import until
from outage_case import QUIET_ROOM, ROOM, OutageCase
from storage import ARCHIVE, CONTENT, Sqlite
from volume import fill, small_volume

STOP_WITHIN = 60  # of which the steps of a stop take up to 40


class Outage(OutageCase):

    # ---- the record

    def test_the_record_cannot_be_written(self):
        self.start()
        with self.held('content'):
            self.say_until_refused(self.alice)
            self.alice.client.ping(ROOM + '/alice')  # a self-ping is answered outside the order
            self.bob.say('and bob')
            until(lambda: self.bob.answered('and bob'), what='the refusal of bob')
            for person in (self.alice, self.bob):
                person.client.ping()
                person.look()
                self.assertEqual(person.live(), ['before'], 'shown without a record')
                self.assertEqual(set(person.errors.values()), {('wait', 'resource-constraint')})
            newcomer = self.server.login('bob', resource='second')
            own, _, _ = newcomer.join(ROOM, 'bob')
            self.assertEqual(raw.error_of(own), ('wait', 'resource-constraint'))
            newcomer.end()
            # What needs no record goes on where none is awaited.
            me = QUIET_ROOM + '/bob'
            self.bob.client.send("<presence to='%s'><show>away</show></presence>" % me)
            self.alice.client.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                                   e.get('from') == me and
                                   e.findtext(raw.q(raw.CLIENT, 'show')) == 'away',
                                   what='presence of bob')
        for body in self.alice.sent:
            until(lambda: self.alice.answered(body), what='an answer to %r' % body)
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.assertEqual(self.alice.visit.live, self.bob.visit.live)
        self.assertGreater(len(self.alice.visit.live), 2, 'nothing was under way in the outage')
        self.finish()

    def test_leaves_of_an_outage_are_recorded_after_it(self):
        self.start()
        with self.held('content'):
            self.say_until_refused(self.alice)
            self.bob.client.close()  # without a word
            until(lambda: self.server_has_sessions(1), what='that bob\'s session ends')
            self.alice.client.ping()
            self.alice.look()
            self.assertEqual(self.alice.live(), ['before'])
            self.assertFalse(any(self.is_leave_of_bob(e) for e in self.alice.client.reader.elements))
        self.alice.client.wait(self.is_leave_of_bob, what='that bob has left')
        self.alice.goes_on('after')
        self.alice.leave()
        self.server.stop()
        self.judge()

    @staticmethod
    def is_leave_of_bob(element):
        return (element.tag == raw.q(raw.CLIENT, 'presence') and
                element.get('from') == ROOM + '/bob' and element.get('type') == 'unavailable')

    def server_has_sessions(self, count):
        opened = sum('session opened' in line for line in self.server.lines)
        closed = sum('session closed' in line for line in self.server.lines)
        return opened - closed == count

    def test_a_stop_in_an_outage_is_bounded_and_says_why(self):
        self.start()
        with self.held('content'):
            self.alice.say('never shown')
            self.alice.client.ping()
            self.server.process.send_signal(signal.SIGTERM)
            code = self.server.process.wait(STOP_WITHIN)
            self.server._finish()
        self.server.check_reports()
        self.assertEqual(code, 1, self.server.tail())
        log = '\n'.join(self.server.lines)
        self.assertIn('the record cannot be written', log)
        self.assertIn('rooms not told in time', log)
        self.assertIn('events given up', log)
        for person in (self.alice, self.bob):
            person.look()
            self.assertEqual(person.live(), ['before'], 'shown without a record')

        self.server.start()
        self.alice, again = self.person('alice'), self.alice
        self.alice.enter()
        self.assertEqual([message.body for message in self.alice.visit.past], ['before'])
        self.alice.goes_on('the next day')
        self.alice.leave()
        until(lambda: any('rooms swept' in line for line in self.server.lines),
              what='the leaves that the stop could not record')
        self.server.stop()
        again.errors['never shown'] = None
        self.assertNotIn('never shown', self.judge((self.alice, again, self.bob)))

    # ---- the archive

    def test_the_archive_cannot_be_written(self):
        self.start()
        until(lambda: self.status()['archive_backlog'] == 0, what='an archive that is up to date')
        with self.held('archive'):
            for number in range(50):
                self.alice.say('during %d' % number)
            for person in (self.alice, self.bob):
                until(lambda: person.shown('during 49'), what='the last message of the outage')
            self.assertEqual(self.alice.errors, {})
            until(lambda: self.status()['archive_backlog'] >= 50, what='a backlog')
            until(lambda: any('the archive cannot be written' in line
                              for line in self.server.lines), what='a line in the log')
            self.assertIn('cannot be written', self.status()['archive'])
        until(lambda: self.status()['archive_backlog'] == 0, 60, 'that the archive catches up')
        self.assertEqual(self.status()['archive'], 'copying')
        self.finish()

    def test_policy_refuse(self):
        self.start({'archive': {'on_outage': 'refuse'}})
        with self.held('archive'):
            self.say_until_refused(self.alice)
            self.assertEqual(set(self.alice.errors.values()), {('wait', 'resource-constraint')})
            self.alice.client.ping(ROOM + '/alice')
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.finish()

    def test_a_full_outbox_refuses(self):
        limit = 1000  # the least that can be configured
        self.start({'archive': {'outbox_limit': limit}})
        with self.held('archive'):
            # One at a time: each is on record, and a row, before the next is said.
            while not self.alice.errors:
                body = 'during %d' % len(self.alice.sent)
                self.alice.say(body)
                until(lambda: self.alice.answered(body), what='an answer to %r' % body)
            self.assertEqual(set(self.alice.errors.values()), {('wait', 'resource-constraint')})
            until(lambda: any('too many rows wait for the archive' in line
                              for line in self.server.lines), what='a line in the log')
            # Few rows are not messages.
            status = self.status()
            self.assertGreaterEqual(status['archive_backlog'] + status['awaiting_checkpoint'], limit)
            self.assertGreater(len(self.alice.visit.live), limit - 50)
            self.assertLessEqual(len(self.alice.visit.live) - 1, limit)  # without the one before
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.finish()

    # ---- the disk

    def test_the_disk_is_full(self):
        """BI-DB-07 with SQLite: SQLITE_FULL comes from where the databases are."""
        volume = small_volume(self, '16m')
        storage = Sqlite(volume)
        storage.config = {'database': {which: 'sqlite:' + storage.path(which)
                                       for which in (CONTENT, ARCHIVE)}}
        self.start(storage=storage)
        fill(volume)
        self.say_until_refused(self.alice)
        self.assertEqual(set(self.alice.errors.values()), {('wait', 'resource-constraint')})
        shown = list(self.alice.visit.live)
        self.bob.say('and bob')
        until(lambda: self.bob.answered('and bob'), what='the refusal of bob')
        self.alice.look()
        self.assertEqual(self.alice.visit.live, shown, 'shown without a record')
        os.remove(os.path.join(volume, 'filler'))
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.assertEqual(self.alice.visit.live, self.bob.visit.live)
        self.finish()


if __name__ == '__main__':
    unittest.main()
