# SPDX-License-Identifier: Apache-2.0
"""1,000 messages while the server is killed with -9 at twenty random moments: nothing that anybody was
shown is lost, doubled or reordered, and the archive is what was shown. KILL_LOOP_SEED repeats a run;
script/bench kill is a longer one."""

import collections
import json
import os
import random
import threading
import unittest

import checker
import harness
import raw
from harness import Server, until

STORAGES = ('sqlite', 'postgresql')

MESSAGES = int(os.environ.get('KILL_LOOP_MESSAGES', '1000'))
KILLS = int(os.environ.get('KILL_LOOP_KILLS', '20'))
SENDERS = 6
# Whoever enters is shown at most 500 messages, and should be shown all.
ROOMS = ['kill-%d@chat.localhost' % i for i in range(max(4, MESSAGES // 250))]
WINDOW = 4  # messages a sender has under way at a time


def shown(element, room):
    """What a client was shown: under which id of the room, and what it said."""
    ids = [e.get('id') for e in element.findall(raw.q(raw.STANZA_ID, 'stanza-id'))
           if e.get('by') == room]
    return checker.Message(ids[0] if len(ids) == 1 else None,
                           element.findtext(raw.q(raw.CLIENT, 'body')))


class Person(threading.Thread):
    """One account with one client: stays in all rooms, sends its messages in order, one window at
    a time, and after a crash goes on with those that the room's history does not have."""

    def __init__(self, name, password, server, todo, progress):
        super().__init__(name=name, daemon=True)
        self.server, self.password, self.progress = server, password, progress
        self.todo = collections.deque(todo)  # (room, body), next first
        self.under_way = collections.deque()
        self.visits = []
        self.finish = threading.Event()
        self.failure = None
        self.entering = None
        self.resent = 0

    def run(self):
        try:
            while not self.finish.is_set():
                try:
                    self.one_connection()
                except (raw.Closed, OSError):
                    self.forget_broken()
                    self.finish.wait(0.05)
        except BaseException as failure:  # shown by the test
            self.failure = failure
            self.progress.failed(self)

    def forget_broken(self):
        """Whether what was under way arrived is what the history will say."""
        self.todo.extendleft(reversed(self.under_way))
        self.resent += len(self.under_way)
        self.under_way.clear()

    def one_connection(self):
        client = self.server.tls()
        here = {}
        try:
            client.login(self.name, self.password, 'SCRAM-SHA-256')
            for room in ROOMS:
                self.enter(client, room, here)
            self.drop_recorded(here)
            while not self.finish.is_set():
                self.send_more(client)
                client._receive(0.1)
                self.take_in(client, here)
                if client.closed:
                    raise raw.Closed('the server went away')
            for room in ROOMS:
                client.leave(room, self.name)
            self.take_in(client, here)
            client.end()
        finally:
            # What came before the end was shown, read or not.
            try:
                client.drain()
            except Exception:
                pass
            self.take_in(client, here)
            client.close()

    def enter(self, client, room, here):
        here[room] = checker.Visit(self.name, room, [], [])
        self.visits.append(here[room])
        self.entering = room
        own, past, _ = client.join(room, self.name, "maxstanzas='500'", timeout=60)
        if own.get('type') == 'error':
            raise AssertionError('%s cannot enter: %s' % (self.name, raw.to_text(own)))
        self.entering = None
        here[room].past.extend(shown(m, room) for m in past)

    def drop_recorded(self, here):
        recorded = {room: {m.body for m in visit.past} for room, visit in here.items()}
        self.todo = collections.deque((room, body) for room, body in self.todo
                                      if body not in recorded[room])
        self.progress.report(self)

    def send_more(self, client):
        while self.todo and len(self.under_way) < WINDOW:
            room, body = self.todo.popleft()
            self.under_way.append((room, body))
            client.say(room, body, body)

    def take_in(self, client, here):
        elements, client.reader.elements = client.reader.elements, []
        for element in elements:
            room = element.get('from', '').split('/')[0]
            if room not in here or not raw.is_room_message(element, room):
                if element.tag == raw.q(raw.CLIENT, 'message') and element.get('type') == 'error':
                    raise AssertionError('refused: %s' % raw.to_text(element))
                continue
            message = shown(element, room)
            if raw.is_delayed(element):
                if room != self.entering or here[room].live:
                    raise AssertionError('history too late: %s' % raw.to_text(element))
                here[room].past.append(message)  # cut off while entering
                continue
            here[room].live.append(message)
            if (room, message.body) in self.under_way:
                self.under_way.remove((room, message.body))
        self.progress.report(self)


class Progress:
    """How many messages are left, over all persons."""

    def __init__(self):
        self.changed = threading.Condition()
        self.left = {}
        self.broken = []

    def report(self, person):
        with self.changed:
            self.left[person.name] = len(person.todo) + len(person.under_way)
            self.changed.notify_all()

    def failed(self, person):
        with self.changed:
            self.broken.append(person)
            self.changed.notify_all()

    def wait_left(self, count, timeout):
        with self.changed:
            if not self.changed.wait_for(
                    lambda: self.broken or sum(self.left.values()) <= count, timeout):
                raise AssertionError('%d messages left after %d s, waiting for %d' %
                                     (sum(self.left.values()), timeout, count))
            for person in self.broken:
                raise AssertionError('%s failed' % person.name) from person.failure


class KillLoop(unittest.TestCase):

    moment = threading.Event()

    def test_nothing_shown_is_lost_doubled_or_reordered(self):
        seed = int(os.environ.get('KILL_LOOP_SEED') or random.SystemRandom().randrange(1 << 32))
        print('\nkill loop: KILL_LOOP_SEED=%d' % seed, flush=True)
        dice = random.Random(seed)
        users = {'sender%d' % i: 'secret-of-%d' % i for i in range(SENDERS)}
        users['judge'] = 'secret-of-the-judge'
        server = Server({'limits': harness.UNLIMITED_RATES}, users)
        self.addCleanup(server.remove)
        server.start()
        progress = Progress()
        sent, people = collections.defaultdict(list), []
        todo = collections.defaultdict(list)
        for i in range(MESSAGES):
            name, room = 'sender%d' % dice.randrange(SENDERS), dice.choice(ROOMS)
            body = 'm%04d of %s' % (i, name)
            todo[name].append((room, body))
            sent[name, room].append(body)
        with server.login('judge') as maker:  # so that all find the rooms unlocked
            for room in ROOMS:
                maker.join(room, 'maker')
                maker.leave(room, 'maker')
        for i in range(SENDERS):
            name = 'sender%d' % i
            progress.left[name] = len(todo[name])
            people.append(Person(name, users[name], server, todo[name], progress))
        for person in people:
            person.start()

        for left in sorted((dice.randrange(MESSAGES // 20, MESSAGES - 10) for _ in range(KILLS)),
                           reverse=True):
            progress.wait_left(left, 120)
            self.moment.wait(dice.uniform(0, 0.05))  # not only just after something was shown
            server.kill9()
            server.start()
        progress.wait_left(0, 120)
        # The last message of one is shown to all before anybody leaves.
        judge = server.login('judge')
        orders = {}
        for room in ROOMS:
            _, past, _ = judge.join(room, 'judge', "maxstanzas='500'", timeout=60)
            orders[room] = [shown(m, room) for m in past]

        def all_have_seen_all():
            return all(self.last_shown(person, room) == orders[room][-1:]
                       for person in people for room in ROOMS) or progress.broken
        until(all_have_seen_all, 60, 'that everybody is shown the last message')
        for person in people:
            person.finish.set()
        for person in people:
            person.join(60)
            self.assertFalse(person.is_alive(), '%s does not end' % person.name)
            if person.failure:
                raise person.failure
        judge.end()
        server.stop()

        records, heads = checker.read_archive(server.storage)
        content = checker.read_content(server.storage)
        visits = [v for person in people for v in person.visits]
        problems = checker.judge(visits, sent, content, records, heads)
        by_jid = {content[0][room]: [message for _, message in messages]
                  for room, messages in content[1].items()}
        for room in ROOMS:
            if orders[room] != by_jid[room]:
                problems.append('%s: history over the wire and in the database differ' % room)
        self.assertEqual(problems[:20], [], '%d problems, seed %d' % (len(problems), seed))
        self.assertEqual(sum(len(order) for order in orders.values()), MESSAGES)
        codes = collections.Counter(record.t for record in records)
        self.assertEqual(codes[101], MESSAGES)
        self.assertGreaterEqual(codes[608], KILLS)  # crash.detected, one for each kill
        synthesised = [r for r in records if r.t == 202 and json.loads(r.leaf)['d']['synthesised']]
        self.assertGreater(len(synthesised), 0)
        domains = {json.loads(r.leaf)['a']['dom'] for r in records
                   if 'p' in json.loads(r.leaf).get('a', {})}
        self.assertEqual(domains, {1})  # all are people of this server
        print('kill loop: %d messages, %d kills, %d sent again, %d shown, %d leaves' %
              (MESSAGES, KILLS, sum(p.resent for p in people),
               sum(len(v.past) + len(v.live) for v in visits), len(records)), flush=True)

    @staticmethod
    def last_shown(person, room):
        for visit in reversed(person.visits):
            if visit.room == room:
                return (visit.past + visit.live)[-1:]
        return []


if __name__ == '__main__':
    unittest.main()
