# SPDX-License-Identifier: Apache-2.0
"""The judge of the kill loop, judged: on runs that are made up here."""

import base64
import json
import unittest

import checker


def message(body):
    return checker.Message('id-' + body, body)


class CheckerItself(unittest.TestCase):
    """A checker that cannot fail proves nothing: a good run passes, each fault is found."""

    ROOM = 'r@chat.localhost'
    BODIES = ['a', 'b', 'c', 'd', 'e']

    def visit(self, client, past, live):
        return checker.Visit(client, self.ROOM, list(map(message, past)), list(map(message, live)))

    def good(self):
        visits = [self.visit('x', [], ['a', 'b']),
                  self.visit('x', ['a', 'b'], ['c', 'd', 'e']),
                  self.visit('y', ['b'], ['c', 'd'])]
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
                    'mono': 1000 + seq // 2, 'boot': 'b-1',
                    'sp': base64.b64encode(source_previous).decode()}
            if code == 606 and previous:
                source, (last_sn, last_hash) = next(reversed(previous.items()))
                leaf['d']['previous'] = {'source': source, 'last_sn': last_sn,
                                         'hash': last_hash.hex()}
            parts = []
            if code != 606:
                rn += 1
                leaf.update(room='r-1', rn=rn, rp=base64.b64encode(room_previous).decode(),
                            a={'p': 'p-1', 's': 's1', 'dom': 1})
            if body is not None:
                leaf['d'].update(kind='groupchat', stanza_id=message(body).id)
                stanza = ("<message xmlns='jabber:client'><body>%s</body>"
                          "<stanza-id xmlns='urn:xmpp:sid:0' id='%s' by='%s'/></message>" %
                          (body, message(body).id, self.ROOM))
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
        return ({1: self.ROOM}, {1: [(next(numbers, 99), message(body)) for body in bodies]},
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
                visits = [self.visit('x', past, live)]
                self.assertNotEqual(self.problems(visits=visits), [])
        twice = [self.visit('x', [], ['a', 'b']), self.visit('x', [], ['b', 'c'])]
        self.assertNotEqual(self.problems(visits=twice), [])

    def test_shown_under_one_id_and_recorded_under_another(self):
        """A crash lost what was shown; the sender sent it again."""
        for visit, place in ((0, 'live'), (1, 'past'), (2, 'past'), (2, 'live')):
            for other in ('lost', None):
                with self.subTest(visit=visit, place=place, id=other):
                    visits = self.good()[0]
                    shown = getattr(visits[visit], place)
                    shown[0] = shown[0]._replace(id=other)
                    self.assertNotEqual(self.problems(visits=visits), [])

    def test_an_id_given_twice(self):
        messages = [checker.Message('1', 'a'), checker.Message('1', 'b')]
        self.assertNotEqual(checker.once_problems('history', messages), [])
        self.assertEqual(checker.once_problems('history', []), [])

    def test_leaf_and_stanza_differ_in_the_id(self):
        records, _ = self.good()[3]
        posted = next(i for i, r in enumerate(records) if r.t == 101)
        leaf = records[posted].leaf.replace(b'"stanza_id":"id-a"', b'"stanza_id":"id-z"')
        self.assertNotEqual(leaf, records[posted].leaf)
        records[posted] = records[posted]._replace(leaf=leaf)
        self.assertNotIn(message('a'), checker.archived_messages(records)[1])
        self.assertNotIn(checker.Message('id-z', 'a'), checker.archived_messages(records)[1])

    def test_a_clock_that_goes_back(self):
        def leaf(src, boot, mono):
            return {'src': src, 'boot': boot, 'mono': mono}
        for first, second, good in (
                (leaf('n1.1', 'b', 5), leaf('n1.1', 'b', 5), True),
                (leaf('n1.1', 'b', 5), leaf('n1.1', 'b', 4), False),
                (leaf('n1.1', '', 5), leaf('n1.1', '', 4), False),
                (leaf('n1.1', 'b', 5), leaf('n1.2', 'b', 4), False),
                (leaf('n1.1', 'b', 5), leaf('n1.2', 'c', 4), True)):
            with self.subTest(first=first, second=second):
                clocks = {}
                self.assertEqual(checker.clock_problems('1', first, clocks), [])
                self.assertEqual(checker.clock_problems('2', second, clocks) == [], good)

    def test_an_actor_of_no_domain(self):
        for actor, good in (({'p': 'p-1'}, False), ({'p': 'p-1', 'dom': 0}, False),
                            ({'p': 'p-1', 'dom': 1}, True), ({'p': 'p-1', 'dom': 2}, True),
                            ({'s': 's'}, True)):
            with self.subTest(actor=actor):
                self.assertEqual(checker.actor_problems('1', {'a': actor}) == [], good)
        self.assertEqual(checker.actor_problems('1', {}), [])

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
