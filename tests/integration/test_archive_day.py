# SPDX-License-Identifier: Apache-2.0
"""A busy and disturbed day: 50 people in 5 rooms, edits, kicks, an archive that is away, a crash. What
the archive holds afterwards is what everybody saw, both verifiers call it clean, and each way of
tampering with it is found and named (compliance.md C01, C05, C11, C24 to C26, C30, C31, C39)."""

import collections
import json
import os
import shutil
import unittest

import checker
import raw
from archive_case import ArchiveCase
from harness import until
from storage import Sqlite

STORAGES = ('sqlite', 'postgresql')
PEOPLE = ['p%02d' % n for n in range(50)]
ROOMS = ['day%d@chat.localhost' % n for n in range(5)]
PASSWORD = 'the-same-for-all-1'
MESSAGES = (101, 102, 105)
CORRECT = "<replace xmlns='urn:xmpp:message-correct:0' id='%s'/>"
REACT = "<reactions xmlns='urn:xmpp:reactions:0' id='%s'><reaction>+</reaction></reactions>"

ODD = 'right to left \u202e, joined \U0001f469\u200d\U0001f4bb, separated \u2028, quoted "\'\\'

Seen = collections.namedtuple('Seen', 'stanza_id body')


class Person:
    """A client in two rooms that keeps what it was shown, in order."""

    def __init__(self, server, number):
        self.server, self.name = server, PEOPLE[number]
        self.rooms = [ROOMS[number % 5], ROOMS[(number + 1) % 5]]
        self.seen = collections.defaultdict(list)  # room: [Seen], live ones
        self.client = None

    def come(self):
        self.client = self.server.login(self.name)
        for room in self.rooms:
            own, _, _ = self.client.join(room, self.name, timeout=120)
            if own.get('type') == 'error':
                raise AssertionError('%s cannot enter %s: %s' % (self.name, room, raw.to_text(own)))

    def say(self, room, body, more='', id=None):
        id = id or self.client.new_id()
        self.client.send("<message to='%s' type='groupchat' id='%s'><body>%s</body>%s</message>" %
                         (room, id, body, more))
        return id

    def look(self):
        self.client.drain()
        elements, self.client.reader.elements = self.client.reader.elements, []
        for element in elements:
            room = element.get('from', '').split('/')[0]
            body = element.findtext(raw.q(raw.CLIENT, 'body'))
            ids = [e.get('id') for e in element if e.tag == checker.STANZA_ID and e.get('by') == room]
            if (element.tag == raw.q(raw.CLIENT, 'message') and element.get('type') == 'groupchat'
                    and body is not None and ids and not raw.is_delayed(element)):
                self.seen[room].append(Seen(ids[0], body))

    def has(self, room, body):
        self.look()
        return any(seen.body == body for seen in self.seen[room])


class Day(ArchiveCase):
    USERS = {name: PASSWORD for name in PEOPLE}

    def setUp(self):
        super().setUp()
        self.people = [Person(self.server, n) for n in range(len(PEOPLE))]

    def everybody(self, room):
        return [p for p in self.people if room in p.rooms and p.client is not None]

    def settle(self, room, body):
        """Said by one, it has come to all: so has everything before it."""
        speaker = self.everybody(room)[0]
        speaker.say(room, body)
        for person in self.everybody(room):
            until(lambda: person.has(room, body), 120, '%s hears %r' % (person.name, body))

    def talk(self, what, rounds=3):
        for n in range(rounds):
            for person in self.people:
                if person.client is not None:
                    for room in person.rooms:
                        person.say(room, '%s %d of %s' % (what, n, person.name))
        for room in ROOMS:
            self.settle(room, '%s is over' % what)

    def day(self):
        self.server.start()
        self.owner = self.people[0]
        for person in self.people:
            person.come()
        self.talk('morning')
        self.edits()
        self.copy_of_noon()
        with self.server.storage.held('archive'):
            self.talk('while the archive is away')
        self.kicks()
        self.crash()
        self.talk('evening')
        for person in self.people:
            person.look()
            person.client.end()
        self.server.stop(timeout=120)

    def edits(self):
        """C05: post, three corrections, a reaction, a retraction."""
        room, author = ROOMS[0], self.owner
        self.edited = author.say(room, 'version 0')
        for n in (1, 2, 3):
            author.say(room, 'version %d' % n, CORRECT % self.edited)
        self.everybody(room)[1].say(room, 'a plus', REACT % self.edited)
        author.client.send("<message to='%s' type='groupchat' id='taken-back'>"
                           "<retract xmlns='urn:xmpp:message-retract:1' id='%s'/>"
                           "<body>taken back</body></message>" % (room, self.edited))
        # C18: a body of 200 KiB, and one of odd characters.
        self.large = 'large ' + 'x' * 200 * 1024
        self.everybody(room)[2].say(room, self.large)
        self.everybody(room)[3].say(room, ODD)
        self.settle(room, 'edits are over')

    def copy_of_noon(self):
        """An old copy, to be put back later."""
        if isinstance(self.server.storage, Sqlite):
            self.until_sealed_or_so()
            self.noon = os.path.join(self.folder, 'noon')
            self.done('db', 'backup', self.noon)

    def until_sealed_or_so(self):
        self.until_nearly_sealed(self.status()['events'])

    def kicks(self):
        """Who was there at a message (C04, in part)."""
        room = ROOMS[1]
        inside = {p.name for p in self.everybody(room)}
        self.settle(room, 'before the kick')
        self.at_kick = [(room, 'before the kick', set(inside))]
        chief = next(p for p in self.everybody(room))
        victim = self.everybody(room)[3]
        answer = chief.client.request(
            "<query xmlns='http://jabber.org/protocol/muc#admin'>"
            "<item nick='%s' role='none'/></query>" % victim.name, to=room, type='set')
        self.assertEqual(answer.get('type'), 'result', raw.to_text(answer))
        victim.look()
        victim.rooms.remove(room)
        self.settle(room, 'after the kick')
        self.at_kick.append((room, 'after the kick', inside - {victim.name}))

    def crash(self):
        for n, person in enumerate(self.people):
            for room in person.rooms:
                person.say(room, 'before the crash, %s' % person.name)
        self.server.kill9()
        for person in self.people:
            try:
                person.look()
            except raw.Closed:
                pass
            person.client.close()
            person.client = None
        self.server.start()
        for person in self.people:
            person.come()

    # ---- what the archive says

    def exported(self, name, *words):
        folder = os.path.join(self.folder, name)
        answer = self.done('archive', 'export', folder, *words)
        self.assert_clean(self.verify('--export', folder, '--key', self.archive_key))
        self.assert_clean(self.verify_py(folder, '--key', self.archive_key))
        with open(os.path.join(folder, 'events.jsonl')) as f:
            events = [json.loads(line) for line in f]
        self.assertEqual(len(events), answer['events'])
        return folder, events

    @staticmethod
    def said(events):
        """{room id: [Seen]} in the room's order."""
        rooms = collections.defaultdict(list)
        for event in events:
            leaf = json.loads(event['leaf'])
            if leaf['t'] not in MESSAGES:
                continue
            kinds = {part['n']: part['k'] for part in leaf['parts']}
            parts = {kinds[part['n']]: part['data'] for part in event['parts']}
            rooms[leaf['room']].append((leaf['rn'], Seen(leaf['d']['stanza_id'], parts.get('body'))))
        return {room: [seen for _, seen in sorted(all, key=lambda item: item[0])]
                for room, all in rooms.items()}

    def assert_as_seen(self, events):
        """C01: what was shown is there once, in the order in which everybody saw it."""
        rooms = self.said(events)
        self.assertEqual(len(rooms), len(ROOMS))
        everything = {seen.stanza_id: (room, at) for room, all in rooms.items()
                      for at, seen in enumerate(all)}
        self.assertEqual(len(everything), sum(len(all) for all in rooms.values()), 'said twice')
        for person in self.people:
            for room, seen in person.seen.items():
                places = [everything.get(one.stanza_id) for one in seen]
                self.assertNotIn(None, places, '%s saw what is not archived' % person.name)
                self.assertEqual(len({place[0] for place in places}), 1)
                self.assertEqual([place[1] for place in places], sorted(place[1] for place in places),
                                 '%s saw another order in %s' % (person.name, room))
                for one, (room_id, at) in zip(seen, places):
                    self.assertEqual(one, rooms[room_id][at])

    def assert_whole(self, events):
        bodies = {part.get('data') for event in events for part in event['parts']}
        self.assertIn(self.large, bodies)
        self.assertIn(ODD, bodies)

    def assert_versions(self, events):
        bodies = []
        for event in events:
            leaf = json.loads(event['leaf'])
            kinds = {part['n']: part['k'] for part in leaf['parts']}
            parts = {kinds[part['n']]: part['data'] for part in event['parts']}
            if parts.get('body', '').startswith('version '):
                bodies.append(parts['body'])
        self.assertEqual(bodies, ['version %d' % n for n in range(4)])

    def assert_who(self, events):
        for room, body, expected in self.at_kick:
            number = next(json.loads(e['leaf'])['rn'] for e in events
                          if any(part.get('data') == body for part in e['parts']))
            answer = self.done('archive', 'who', room, '@%d' % number)
            self.assertEqual({row['nick'] for row in answer['present']}, expected, body)
            self.assertEqual({row['jid'].split('@')[0] for row in answer['present']}, expected)

    def test_day(self):
        self.day()
        self.archive_key = self.key()
        self.assert_clean(self.verify('--key', self.archive_key, '--checkpoints', self.published))
        if isinstance(self.server.storage, Sqlite):
            self.assert_clean(self.verify_py(
                '--archive', self.server.storage.path('archive'), '--key', self.archive_key,
                '--checkpoints', self.published))
        whole, events = self.exported('whole')
        self.assert_as_seen(events)
        self.assert_versions(events)
        self.assert_whole(events)
        self.assert_who(events)
        self.crash_is_told(events)
        for n, room in enumerate(ROOMS):
            _, of_room = self.exported('room%d' % n, '--room', room)
            ids = {json.loads(event['leaf'])['room'] for event in of_room}
            self.assertEqual(len(ids), 1)
            self.assertEqual([e['leaf'] for e in events
                              if json.loads(e['leaf']).get('room') in ids],
                             [e['leaf'] for e in of_room])
        self.same_bytes(whole)
        self.tampered_exports(whole)
        self.proof(events)
        self.tamperings(events)

    def crash_is_told(self, events):
        """C11: one synthesised leave for each stay that the crash ended."""
        leaves = [json.loads(event['leaf']) for event in events]
        synthesised = [leaf for leaf in leaves if leaf['t'] == 202 and leaf['d']['synthesised']]
        self.assertEqual(len(synthesised), sum(len(p.rooms) for p in self.people))
        self.assertEqual([leaf['d']['cause'] for leaf in synthesised],
                         ['crash'] * len(synthesised))
        self.assertEqual(len([leaf for leaf in leaves if leaf['t'] == 608]), 1)

    def same_bytes(self, whole):
        """C39: the same request gives the same bytes; what comes after names what was before."""
        with open(os.path.join(whole, 'manifest.json')) as f:
            manifest = json.load(f)
        again, _ = self.exported('again', '--last', str(manifest['last']))
        for file in sorted(os.listdir(whole)):
            with open(os.path.join(whole, file), 'rb') as a, open(os.path.join(again, file), 'rb') as b:
                self.assertEqual(a.read(), b.read(), file)
        other, _ = self.exported('other', '--first', '5', '--last', '9')
        with open(os.path.join(other, 'manifest.json')) as f:
            self.assertEqual(json.load(f)['number'], manifest['number'] + 1 + len(ROOMS))

    def tampered_exports(self, whole):
        """C31: lines removed, swapped, doubled, cut."""
        def change(lines, what):
            middle = len(lines) // 2
            return {'removed': lines[:middle] + lines[middle + 1:],
                    'swapped': lines[:middle] + [lines[middle + 1], lines[middle]] + lines[middle + 2:],
                    'doubled': lines[:middle] + [lines[middle]] + lines[middle:],
                    'cut': lines[:-1]}[what]
        for what in ('removed', 'swapped', 'doubled', 'cut'):
            folder = os.path.join(self.folder, 'export-' + what)
            shutil.copytree(whole, folder)
            path = os.path.join(folder, 'events.jsonl')
            with open(path) as f:
                lines = f.readlines()
            with open(path, 'w') as f:
                f.writelines(change(lines, what))
            names, found, code = self.verify('--export', folder, '--key', self.archive_key)
            self.assertEqual(code, 1, what)
            self.assertLessEqual({'FILE_MODIFIED', 'ROOT_MISMATCH'}, names, what)
            theirs, _, code = self.verify_py(folder, '--key', self.archive_key)
            self.assertEqual(code, 1, what)
            self.assertIn('FILE_MODIFIED', theirs, what)

    def proof(self, events):
        """C30: one event, to somebody with the key alone; any byte changed is noticed."""
        event = next(e for e in events if json.loads(e['leaf'])['t'] == 101)
        folder = os.path.join(self.folder, 'proof')
        self.done('archive', 'prove', json.loads(event['leaf'])['id'], folder)
        self.assert_clean(self.verify('--export', folder, '--key', self.archive_key))
        self.assert_clean(self.verify_py(folder, '--key', self.archive_key))
        for name in ('event.leaf', 'event.tlog-proof', 'parts/0.data', 'parts/1.salt'):
            path = os.path.join(folder, name)
            with open(path, 'rb') as f:
                good = f.read()
            for at in range(0, len(good), max(1, len(good) // 7)):
                with open(path, 'wb') as f:
                    f.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
                self.assertEqual(self.verify('--export', folder, '--key', self.archive_key)[2], 1,
                                 (name, at))
            with open(path, 'wb') as f:
                f.write(good)
        other = self.archive_key.split('+')[0] + '+00000000+' + self.archive_key.split('+')[2]
        self.assertEqual(self.verify('--export', folder, '--key', other)[2], 2)

    def tamperings(self, events):
        """C24 to C26, each as the database's superuser or on the file."""
        last = events[-1]['seq']
        victim = next(e['seq'] for e in events[len(events) // 2:]
                      if json.loads(e['leaf'])['t'] == 101)
        where = 'WHERE seq = %d' % victim
        cases = {
            'a row changed': (
                ["UPDATE event SET leaf = replace(leaf, 'groupchat', 'groupshat') " + where],
                {'LEAF_MODIFIED'}),
            'a column changed': (["UPDATE event SET ts = ts + 1 " + where], {'PROJECTION_MISMATCH'}),
            'a text changed': (["UPDATE part SET data = 'never said' %s AND n = 0" % where],
                               {'PART_MODIFIED'}),
            'a text removed': (["DELETE FROM part %s AND n = 0" % where], {'PART_MISSING'}),
            'a row removed': (["DELETE FROM event " + where, "DELETE FROM part " + where],
                              {'SEQ_GAP', 'SRC_GAP', 'ROOM_GAP'}),
            'a row inserted': (
                ["INSERT INTO event (seq, leaf, leaf_hash, src, sn, event_id, t, ts, room, rn) "
                 "SELECT %d, leaf, leaf_hash, 'n9.9', sn, 'x', t, ts, room, rn FROM event %s"
                 % (last + 1000, where)], {'SEQ_GAP', 'SRC_DUP', 'PROJECTION_MISMATCH'}),
            'the tail cut': (
                ["DELETE FROM event WHERE seq > %d" % (last - 100),
                 "DELETE FROM part WHERE seq > %d" % (last - 100),
                 "DELETE FROM checkpoint WHERE size > %d" % (last - 99)], {'TRUNCATED'}),
            'a checkpoint changed': (
                ["UPDATE checkpoint SET note = (SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1) "
                 "WHERE size = (SELECT min(size) FROM checkpoint)"], {'CKPT_INCONSISTENT'}),
        }
        for what, (statements, expected) in cases.items():
            with self.subTest(what), self.tampered(*statements) as config:
                names, found, code = self.verify('--key', self.archive_key, '--checkpoints',
                                                 self.published, config=config)
                self.assertEqual(code, 1, what)
                self.assertLessEqual(expected, names, found)
                if what in ('a row changed', 'a column changed', 'a text changed', 'a text removed'):
                    self.assertEqual(names, expected, found)
                    self.assertEqual({line['seq'] for line in found}, {victim}, found)
                if isinstance(self.server.storage, Sqlite):
                    theirs, lines, code = self.verify_py(
                        '--archive', os.path.join(os.path.dirname(config), 'archive.db'),
                        '--key', self.archive_key, '--checkpoints', self.published)
                    self.assertEqual(code, 1, what)
                    self.assertLessEqual(expected, theirs, lines)
        if isinstance(self.server.storage, Sqlite):
            shutil.copy(os.path.join(self.noon, 'archive.db'), self.server.storage.path('archive'))
            names, found, code = self.verify('--key', self.archive_key, '--checkpoints', self.published)
            self.assertIn('TRUNCATED', names, 'an old copy')


if __name__ == '__main__':
    unittest.main()
