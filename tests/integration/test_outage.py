# SPDX-License-Identifier: Apache-2.0
"""The databases are away, held by the write lock of another process: nothing is shown that is not on
record, and what can go on goes on. Every run ends before the judge of the kill loop."""

import json
import signal
import unittest

import checker
import harness
import raw
from harness import Server, until

ROOM = 'outage@chat.localhost'
QUIET_ROOM = 'quiet@chat.localhost'
STOP_WITHIN = 60  # of which the steps of a stop take up to 40
USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2'}


def message_of(element):
    """As the judge knows it: by the room's id and the text."""
    ids = [e.get('id') for e in element if e.tag == checker.STANZA_ID and e.get('by') == ROOM]
    return checker.Message(ids[0] if len(ids) == 1 else None,
                           element.findtext(raw.q(raw.CLIENT, 'body')))


class Person:
    """A client that keeps what it was shown of the room, and what came back."""

    def __init__(self, server, name):
        self.name = name
        self.client = server.login(name)
        self.visits = []
        self.visit = None
        self.sent = []
        self.errors = {}  # id: (type, condition)

    def enter(self, room=ROOM):
        own, past, _ = self.client.join(room, self.name, "maxstanzas='500'")
        if own.get('type') == 'error':
            raise AssertionError('%s cannot enter: %s' % (self.name, raw.to_text(own)))
        if room == ROOM:
            self.visit = checker.Visit(self.name, room, [message_of(m) for m in past], [])
            self.visits.append(self.visit)

    def say(self, body):
        self.sent.append(body)
        self.client.say(ROOM, body, body)

    def look(self):
        """Takes in what has come."""
        self.client.drain()
        elements, self.client.reader.elements = self.client.reader.elements, []
        for element in elements:
            if element.tag == raw.q(raw.CLIENT, 'message') and element.get('type') == 'error':
                if element.get('id') in self.errors:
                    raise AssertionError('answered twice: %s' % raw.to_text(element))
                self.errors[element.get('id')] = raw.error_of(element)
            elif raw.is_room_message(element, ROOM):
                self.visit.live.append(message_of(element))
            else:
                self.client.reader.elements.append(element)

    def live(self):
        return [message.body for message in self.visit.live]

    def shown(self, body):
        self.look()
        return body in self.live()

    def answered(self, body):
        """Shown to its sender, or come back."""
        return self.shown(body) or body in self.errors

    def goes_on(self, what):
        """Says it until it is taken; a try that comes back is another message."""
        for number in range(1000):
            body = '%s, try %d' % (what, number)
            self.say(body)
            until(lambda: self.answered(body), what='an answer to %r' % body)
            if body not in self.errors:
                return body
        raise AssertionError('%s: never taken' % what)

    def leave(self):
        self.client.leave(ROOM, self.name)
        self.look()
        self.client.end()


class Outage(unittest.TestCase):

    def start(self, config=None):
        limits = {'limits': harness.UNLIMITED_RATES}
        self.server = Server(harness.merged(limits, config or {}), USERS)
        self.addCleanup(self.server.remove)
        self.server.start()
        self.alice, self.bob = self.person('alice'), self.person('bob')
        for room in (ROOM, QUIET_ROOM):
            for person in (self.alice, self.bob):
                person.enter(room)
        self.alice.say('before')
        for person in (self.alice, self.bob):
            until(lambda: person.shown('before'), what='the message before the outage')

    def person(self, name):
        person = Person(self.server, name)
        self.addCleanup(person.client.close)
        return person

    def held(self, which):
        """Nobody else can write to the database meanwhile."""
        return self.server.storage.held(which)

    def status(self):
        done = self.server.command('status', '--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def finish(self):
        """All leave, the server stops, and what was shown is what is on record."""
        for person in (self.alice, self.bob):
            person.leave()
        self.server.stop()
        self.judge()

    def judge(self, people=None):
        people = people or (self.alice, self.bob)
        records, heads = checker.read_archive(self.server.storage)
        content = checker.read_content(self.server.storage)
        sent = {(p.name, ROOM): [body for body in p.sent if body not in p.errors] for p in people}
        visits = [visit for p in people for visit in p.visits]
        self.assertEqual(checker.judge(visits, sent, content, records, heads)[:20], [])
        recorded = {message.body for messages in checker.archived_messages(records).values()
                    for message in messages}
        for person in people:
            self.assertEqual(recorded & set(person.errors), set(), 'refused, yet on record')
        return recorded

    def say_until_refused(self, person):
        """Messages, a few at a time, until the door is shut."""
        for number in range(10000):
            body = 'during %d' % number
            person.say(body)
            person.client.ping()  # the server goes on
            person.look()
            if person.errors:
                return
        self.fail('nothing is refused')

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
            self.assertGreaterEqual(self.status()['archive_backlog'], limit)
            self.assertGreater(len(self.alice.visit.live), limit - 50)
            self.assertLessEqual(len(self.alice.visit.live) - 1, limit)  # without the one before
        last = self.alice.goes_on('after')
        until(lambda: self.bob.shown(last), what='that the room goes on')
        self.finish()


if __name__ == '__main__':
    unittest.main()
