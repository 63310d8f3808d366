# SPDX-License-Identifier: Apache-2.0
"""1,000 messages while the server is killed with -9 at ten random moments: nothing that anybody was
shown is lost, doubled or reordered, and the archive is what was shown. KILL_LOOP_SEED repeats a run."""

import base64
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

MESSAGES = int(os.environ.get('KILL_LOOP_MESSAGES', '1000'))
KILLS = int(os.environ.get('KILL_LOOP_KILLS', '10'))
SENDERS = 6
ROOMS = ['kill-%d@chat.localhost' % i for i in range(4)]
WINDOW = 4  # messages a sender has under way at a time


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
        here[room].past.extend(m.findtext(raw.q(raw.CLIENT, 'body')) for m in past)

    def drop_recorded(self, here):
        recorded = {room: set(visit.past) for room, visit in here.items()}
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
            body = element.findtext(raw.q(raw.CLIENT, 'body'))
            if raw.is_delayed(element):
                if room != self.entering or here[room].live:
                    raise AssertionError('history too late: %s' % raw.to_text(element))
                here[room].past.append(body)  # cut off while entering
                continue
            here[room].live.append(body)
            if (room, body) in self.under_way:
                self.under_way.remove((room, body))
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
            server.kill9()
            server.start()
        progress.wait_left(0, 120)
        # The last message of one is shown to all before anybody leaves.
        judge = server.login('judge')
        orders = {}
        for room in ROOMS:
            _, past, _ = judge.join(room, 'judge', "maxstanzas='500'", timeout=60)
            orders[room] = [m.findtext(raw.q(raw.CLIENT, 'body')) for m in past]

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

        records, heads = checker.read_archive(os.path.join(server.data, 'archive.db'))
        content = checker.read_content(os.path.join(server.data, 'content.db'))
        visits = [v for person in people for v in person.visits]
        problems = checker.judge(visits, sent, content, records, heads)
        by_jid = {content[0][room]: [body for _, body in messages]
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
        print('kill loop: %d messages, %d kills, %d sent again, %d shown, %d leaves' %
              (MESSAGES, KILLS, sum(p.resent for p in people),
               sum(len(v.past) + len(v.live) for v in visits), len(records)), flush=True)

    @staticmethod
    def last_shown(person, room):
        for visit in reversed(person.visits):
            if visit.room == room:
                return (visit.past + visit.live)[-1:]
        return []


class CheckerItself(unittest.TestCase):
    """A checker that cannot fail proves nothing: a good run passes, each fault is found."""

    ROOM = 'r@chat.localhost'
    BODIES = ['a', 'b', 'c', 'd', 'e']

    def good(self):
        visits = [checker.Visit('x', self.ROOM, [], ['a', 'b']),
                  checker.Visit('x', self.ROOM, ['a', 'b'], ['c', 'd', 'e']),
                  checker.Visit('y', self.ROOM, ['b'], ['c', 'd'])]
        sent = {('x', self.ROOM): ['a', 'c', 'e'], ('y', self.ROOM): ['b', 'd']}
        return visits, sent, self.BODIES, self.archive(self.BODIES)

    def archive(self, bodies):
        """Records of two sources as the server would write them."""
        records, previous, room_previous = [], {}, checker.ZERO
        events = [('n1.1', 606, None)]
        events += [('n1.1', 201, None)]
        events += [('n1.1', 101, body) for body in bodies[:2]]
        events += [('n1.2', 606, None), ('n1.2', 202, None)]
        events += [('n1.2', 101, body) for body in bodies[2:]]
        rn = 0
        for seq, (src, code, body) in enumerate(events):
            sn, source_previous = previous.get(src, (0, checker.ZERO))
            leaf = {'v': 1, 'src': src, 'sn': sn + 1, 't': code, 'd': {}, 'parts': [],
                    'sp': base64.b64encode(source_previous).decode()}
            if code == 606 and previous:
                source, (last_sn, last_hash) = next(reversed(previous.items()))
                leaf['d']['previous'] = {'source': source, 'last_sn': last_sn,
                                         'hash': last_hash.hex()}
            parts = []
            if code != 606:
                rn += 1
                leaf.update(room='r-1', rn=rn, rp=base64.b64encode(room_previous).decode(),
                            a={'p': 'p-1', 's': 's1'})
            if body is not None:
                leaf['d']['kind'] = 'groupchat'
                stanza = "<message xmlns='jabber:client'><body>%s</body></message>" % body
                for n, (kind, text) in enumerate((('body', body), ('stanza', stanza))):
                    salt = bytes([n]) * 32
                    parts.append(checker.Part(n, kind, salt, text.encode()))
                    leaf['parts'].append({
                        'n': n, 'k': kind, 'sz': len(text),
                        'c': base64.b64encode(checker.commitment(salt, text.encode())).decode()})
            text = json.dumps(leaf, sort_keys=True, separators=(',', ':')).encode()
            hash_ = checker.leaf_hash(text)
            records.append(checker.Record(seq, text, hash_, src, sn + 1, code,
                                          1 if code != 606 else None, leaf.get('rn'), parts))
            previous[src] = (sn + 1, hash_)
            if code != 606:
                room_previous = hash_
        return records, dict(previous)

    def content(self, bodies, records, heads):
        numbers = iter([r.rn for r in records if r.t == 101])
        room_head = [(r.rn, r.hash) for r in records if r.rn][-1]
        return ({1: self.ROOM}, {1: [(next(numbers, 99), body) for body in bodies]},
                {1: room_head}, heads,
                {(r.src, r.sn): r.hash for r in records[-1:]}, 0)

    def problems(self, visits=None, sent=None, history=None, archived=None, change=None):
        good_visits, good_sent, bodies, (records, heads) = self.good()
        if archived is not None:
            records, heads = self.archive(archived)
        content = self.content(bodies if history is None else history, records, heads)
        if change is not None:
            records, heads, content = change(list(records), dict(heads), content)
        return checker.judge(good_visits if visits is None else visits,
                             good_sent if sent is None else sent, content, records, heads)

    def test_a_good_run_has_no_problems(self):
        self.assertEqual(self.problems(), [])

    def test_a_message_lost_from_history(self):
        self.assertNotEqual(self.problems(history=['a', 'b', 'd', 'e']), [])
        # … also where history and archive lost it together.
        self.assertNotEqual(self.problems(history=['a', 'b', 'd', 'e'],
                                          archived=['a', 'b', 'd', 'e']), [])
        self.assertNotEqual(self.problems(history=['a', 'b', 'c', 'd'],
                                          archived=['a', 'b', 'c', 'd']), [])

    def test_a_message_doubled(self):
        doubled = ['a', 'b', 'b', 'c', 'd', 'e']
        self.assertNotEqual(self.problems(history=doubled), [])
        self.assertNotEqual(self.problems(history=doubled, archived=doubled), [])
        self.assertNotEqual(self.problems(archived=doubled), [])

    def test_messages_swapped(self):
        swapped = ['a', 'b', 'd', 'c', 'e']
        self.assertNotEqual(self.problems(history=swapped), [])
        self.assertNotEqual(self.problems(history=swapped, archived=swapped), [])
        self.assertNotEqual(self.problems(archived=swapped), [])

    def test_faults_of_one_receiver(self):
        for past, live in ((['a', 'b'], ['c', 'c', 'd']), (['a', 'b'], ['d', 'c']),
                           (['a', 'b'], ['d', 'e']), (['a', 'b'], ['b', 'c']),
                           (['b', 'a'], ['c']), (['a'], ['x']), (['a', 'c'], ['d']), ([], ['a', 'c'])):
            with self.subTest(past=past, live=live):
                visits = [checker.Visit('x', self.ROOM, past, live)]
                self.assertNotEqual(self.problems(visits=visits), [])
        twice = [checker.Visit('x', self.ROOM, [], ['a', 'b']),
                 checker.Visit('x', self.ROOM, [], ['b', 'c'])]
        self.assertNotEqual(self.problems(visits=twice), [])

    def test_sent_in_another_order(self):
        self.assertNotEqual(self.problems(sent={('x', self.ROOM): ['c', 'a', 'e']}), [])
        self.assertNotEqual(self.problems(sent={('x', self.ROOM): ['a', 'c', 'e', 'f']}), [])

    def test_a_changed_archive(self):
        def without(i):
            def change(records, heads, content):
                del records[i]
                return records, heads, content
            return change

        def swap(i):
            def change(records, heads, content):
                records[i], records[i + 1] = records[i + 1], records[i]
                return records, heads, content
            return change

        def edit_leaf(i):
            def change(records, heads, content):
                leaf = records[i].leaf.replace(b'"t":101', b'"t":102').replace(b'"t":606', b'"t":607')
                records[i] = records[i]._replace(leaf=leaf)
                return records, heads, content
            return change

        def edit_part(records, heads, content):
            parts = [p._replace(data=p.data.replace(b'c', b'z')) for p in records[6].parts]
            records[6] = records[6]._replace(parts=parts)
            return records, heads, content

        def rehash(records, heads, content):
            leaf = records[0].leaf.replace(b'"v":1', b'"v":1,"x":2')
            records[0] = records[0]._replace(leaf=leaf, hash=checker.leaf_hash(leaf))
            return records, heads, content

        def no_part(records, heads, content):
            records[6] = records[6]._replace(parts=records[6].parts[:1])
            return records, heads, content

        def outbox(records, heads, content):
            return records, heads, content[:4] + ({('n1.2', 99): bytes(32)}, 0)

        def occupancy(records, heads, content):
            return records, heads, content[:5] + (1,)

        def cut_tail(records, heads, content):
            del records[3]
            return records, heads, content
        count = len(self.good()[3][0])
        changes = [without(i) for i in range(count)] + [swap(i) for i in range(count - 1)]
        changes += [edit_leaf(0), edit_leaf(2), edit_leaf(7), edit_part, rehash, no_part, outbox,
                    occupancy, cut_tail]
        for i, change in enumerate(changes):
            with self.subTest(change=i):
                self.assertNotEqual(self.problems(change=change), [])

    def test_somebody_who_never_left(self):
        records = [r for r in self.good()[3][0] if r.t == 201]
        self.assertNotEqual(checker.presence_problems(records), [])
        self.assertNotEqual(checker.presence_problems(records * 2), [])


if __name__ == '__main__':
    unittest.main()
