# SPDX-License-Identifier: Apache-2.0
"""What the tests of outages share: two people in two rooms who keep what they were shown and what came
back, and the judge of the kill loop at the end."""

import json
import time
import unittest

import checker
import harness
import raw
from harness import Server, until

ROOM = 'outage@chat.localhost'
QUIET_ROOM = 'quiet@chat.localhost'
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
        deadline = time.monotonic() + 2 * raw.PATIENCE
        while time.monotonic() < deadline:
            body = '%s, try %d' % (what, len(self.sent))
            self.say(body)
            until(lambda: self.answered(body), what='an answer to %r' % body)
            if body not in self.errors:
                return body
            self.client._receive(0.02)
        raise AssertionError('%s: never taken' % what)

    def insist(self, attempt, what):
        """Until what attempt() returns is no refusal; others than "come again" are not taken."""
        deadline = time.monotonic() + 2 * raw.PATIENCE
        while time.monotonic() < deadline:
            refusal = attempt()
            if refusal is None:
                return
            if refusal != ('wait', 'resource-constraint'):
                raise AssertionError('%s: %s' % (what, refusal))
            self.client._receive(0.02)
        raise AssertionError('%s: never taken' % what)

    def insist_on_entering(self):
        def attempt():
            own, past, _ = self.client.join(ROOM, self.name, "maxstanzas='500'")
            if own.get('type') == 'error':
                return raw.error_of(own)
            self.visit = checker.Visit(self.name, ROOM, [message_of(m) for m in past], [])
            self.visits.append(self.visit)
            return None
        self.insist(attempt, '%s enters' % self.name)

    def insist_on_kicking(self, nick):
        self.insist(lambda: raw.error_of(self.client.request(
            "<query xmlns='%s#admin'><item nick='%s' role='none'/></query>" % (raw.MUC, nick),
            to=ROOM, type='set')), '%s is kicked' % nick)

    def leave_room(self):
        self.client.leave(ROOM, self.name)
        self.look()

    def leave(self):
        self.leave_room()
        self.client.end()


class OutageCase(unittest.TestCase):

    def start(self, config=None, storage=None):
        limits = {'limits': harness.UNLIMITED_RATES}
        self.server = Server(harness.merged(limits, config or {}), USERS, storage=storage)
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
        self.assertEqual(self.server.archive_findings(), [])
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
