# SPDX-License-Identifier: Apache-2.0
"""People who do things to one room in the same moment: whoever comes first, everybody sees one order,
nobody acts on a right that is gone, and the record has what was seen (BI-MUC-06, 12, 30, 41 on one
node)."""

import json
import threading
import unittest

import checker
import raw
from harness import UNLIMITED_RATES, Server

USERS = {user: user + 's-secret-1' for user in ('alice', 'bob', 'carol', 'dave', 'eve')}
ADMIN = "<query xmlns='http://jabber.org/protocol/muc#admin'>%s</query>"
OWNER = "<query xmlns='http://jabber.org/protocol/muc#owner'>%s</query>"
ROUNDS = 8


def setting(name, value):
    return OWNER % ("<x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_%s'>"
                    "<value>%s</value></field></x>" % (name, value))


def at_once(*texts):
    """(client, text) each, sent from threads that start together."""
    start = threading.Barrier(len(texts))

    def send(client, text):
        start.wait(raw.PATIENCE)
        client.send(text)
    threads = [threading.Thread(target=send, args=pair) for pair in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(raw.PATIENCE)


def words(room, name, count):
    return ''.join("<message to='%s' type='groupchat' id='%s%d'><body>%s%d</body></message>" %
                   (room, name, i, name, i) for i in range(count))


def gist(element):
    """What a stanza of the room tells everybody, the same for all who get it; None: not of that kind."""
    if element.get('type') == 'error':
        return None
    nick = element.get('from', '').partition('/')[2]
    codes = sorted(set(raw.status_codes(element)) - {'110'})
    if element.tag == raw.q(raw.CLIENT, 'presence'):
        item = element.find('.//' + raw.q(raw.MUC_USER, 'item'))
        return ('presence', nick, element.get('type'), item.get('role'), item.get('affiliation'),
                codes)
    if element.tag == raw.q(raw.CLIENT, 'message') and element.get('type') == 'groupchat':
        return 'message', nick, element.findtext(raw.q(raw.CLIENT, 'body')), codes
    return None


class Races(unittest.TestCase):
    def setUp(self):
        self.server = Server({'limits': UNLIMITED_RATES}, USERS)
        self.addCleanup(self.server.remove)
        self.server.start()

    def login(self, *users):
        clients = [self.server.login(user) for user in users]
        for client in clients:
            self.addCleanup(client.close)
        return clients

    def enter(self, room, **clients):
        """Each under its name; what they are told of the others' coming is read away."""
        for nick, client in clients.items():
            client.join(room, nick)
        next(iter(clients.values())).say(room, 'all here')
        for client in clients.values():
            client.hear(room, 'all here')
            client.reader.elements.clear()

    def set(self, client, room, payload):
        answer = client.request(payload, to=room, type='set')
        self.assertEqual(answer.get('type'), 'result', raw.to_text(answer))

    def told(self, client, room, until):
        """What the client is told of the room, up to what it waits for."""
        def gists():
            return [g for g in (gist(e) for e in client.reader.elements
                                if e.get('from', '').partition('/')[0] == room) if g]
        client.pump(lambda: any(until(g) for g in gists()), what='the end of the race')
        return gists()

    def test_BI_MUC_06_one_nick_for_two(self):
        """Two come in under one nick, or two who are inside change to it: one has it, all agree whose
        it is, and the other is told conflict."""
        alice, bob, eve = self.login('alice', 'bob', 'eve')
        for number in range(ROUNDS):
            room, changes = 'nick%d@chat.localhost' % number, number % 2
            self.enter(room, alice=alice, **({'bob': bob, 'eve': eve} if changes else {}))
            x = '' if changes else "<x xmlns='%s'/>" % raw.MUC
            at_once(*((client, "<presence to='%s/same' id='race'>%s</presence>" % (room, x))
                      for client in (bob, eve)))
            answers = [client.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                                   e.get('from') == room + '/same' and
                                   (e.get('type') == 'error' or '110' in raw.status_codes(e)))
                       for client in (bob, eve)]
            refused = [a for a in answers if a.get('type') == 'error']
            self.assertEqual([raw.error_of(a) for a in refused], [('cancel', 'conflict')])
            winner = bob if refused[0] is answers[1] else eve
            shown = json.loads(self.server.command('room', 'show', room, '--json').stdout)
            self.assertEqual([(r['jid']) for r in shown['occupants'] if r['nick'] == 'same'],
                             [winner.jid])
            alice.say(room, 'over')
            alice.hear(room, 'over')
            seen = [raw.to_text(e) for e in alice.reader.elements
                    if e.tag == raw.q(raw.CLIENT, 'presence') and e.get('from') == room + '/same']
            self.assertEqual(len(seen), 1, seen)
            self.assertIn(winner.jid, seen[0])  # the room's owner sees real addresses

    def test_BI_MUC_12_words_of_one_who_is_put_out(self):
        """What somebody says while being kicked is heard before the kick, or refused; never after."""
        alice, bob, carol = self.login('alice', 'bob', 'carol')
        room = 'kicked@chat.localhost'
        self.enter(room, alice=alice, bob=bob, carol=carol)
        for number in range(ROUNDS):
            said = ['b%d-%d' % (number, i) for i in range(20)]
            at_once((bob, words(room, said[0][:-1], len(said))),
                    (alice, words(room, 'a', 5 * number) + "<iq type='set' id='kick%d' to='%s'>%s</iq>" %
                     (number, room, ADMIN % "<item nick='bob' role='none'/>")))
            # Each comes back, to everybody or to bob alone.
            def answers():
                return [e for e in bob.reader.elements if e.get('id') in said]
            bob.pump(lambda: len(answers()) == len(said), what='an answer to each message')
            errors = [e for e in answers() if e.get('type') == 'error']
            refused = [e.get('id') for e in errors]
            self.assertLessEqual({raw.error_of(e) for e in errors}, {('cancel', 'not-acceptable')})
            alice.say(room, 'over %d' % number)
            told = self.told(carol, room, lambda g: g[0] == 'message' and g[2] == 'over %d' % number)
            heard = [g[2] for g in told if g[0] == 'message' and g[1] == 'bob']
            out = next(i for i, g in enumerate(told) if g[:3] == ('presence', 'bob', 'unavailable'))
            self.assertEqual([g for g in told[out + 1:] if g[1] == 'bob'], [])
            self.assertEqual(heard + refused, said)
            bob.reader.elements.clear()
            bob.join(room, 'bob')
            for client in (alice, carol):
                client.wait(lambda e: e.get('from') == room + '/bob' and e.get('type') is None)
                client.reader.elements.clear()

    def test_BI_MUC_30_a_form_of_one_who_is_no_owner_any_more(self):
        """A form and the end of ownership at once: it holds if it came first, else it is refused."""
        alice, bob, carol = self.login('alice', 'bob', 'carol')
        for number in range(ROUNDS):
            room = 'form%d@chat.localhost' % number
            self.enter(room, alice=alice, bob=bob, carol=carol)
            self.set(alice, room, ADMIN % "<item jid='bob@localhost' affiliation='owner'/>")
            carol.ping()
            carol.reader.elements.clear()
            at_once((bob, "<iq type='set' id='form' to='%s'>%s</iq>" % (
                        room, setting('roomname', 'mine'))),
                    (alice, "<iq type='set' id='end' to='%s'>%s</iq>" % (
                        room, ADMIN % "<item jid='bob@localhost' affiliation='none'/>")))
            answer = bob.wait(lambda e: e.get('id') == 'form')
            alice.wait(lambda e: e.get('id') == 'end')
            alice.say(room, 'over')
            told = self.told(carol, room, lambda g: g[0] == 'message' and g[2] == 'over')
            forms = [i for i, g in enumerate(told) if '104' in g[-1]]
            end = next(i for i, g in enumerate(told) if g[:2] == ('presence', 'bob'))
            shown = json.loads(self.server.command('room', 'show', room, '--json').stdout)
            if answer.get('type') == 'result':
                self.assertEqual((len(forms), shown['name']), (1, 'mine'))
                self.assertLess(forms[0], end)
            else:
                self.assertEqual(raw.error_of(answer), ('auth', 'forbidden'))
                self.assertEqual((forms, shown['name']), ([], ''))

    def test_BI_MUC_41_everything_at_once(self):
        """Words, a kick, a form and the end of the room from four people at once: those who stay see one
        order, who is kicked its beginning, nobody anything after the end; the record has that order."""
        alice, bob, carol, dave, eve = self.login('alice', 'bob', 'carol', 'dave', 'eve')
        rooms = ['end%d@chat.localhost' % number for number in range(ROUNDS)]
        orders = {}
        for room in rooms:
            self.enter(room, alice=alice, bob=bob, carol=carol, dave=dave, eve=eve)
            self.set(alice, room, ADMIN % ("<item jid='bob@localhost' affiliation='owner'/>"
                                           "<item jid='carol@localhost' affiliation='admin'/>"))
            dave.say(room, 'ready')
            for client in (alice, bob, carol, dave, eve):
                client.hear(room, 'ready')
                client.reader.elements.clear()
            # Some words before each deed, so that all of them come among the words of others.
            at_once((dave, words(room, 'd', 40)),
                    (carol, words(room, 'c', 8) + "<iq type='set' id='k' to='%s'>%s</iq>" %
                     (room, ADMIN % "<item nick='dave' role='none'/>")),
                    (bob, words(room, 'b', 4) + "<iq type='set' id='f' to='%s'>%s</iq>" %
                     (room, setting('roomname', 'x'))),
                    (alice, words(room, 'a', 25) + "<iq type='set' id='d' to='%s'>%s</iq>" %
                     (room, OWNER % '<destroy/>')))
            told = {}
            for client in (alice, bob, carol, dave, eve):
                own = client.jid.partition('@')[0]
                all_told = self.told(client, room, lambda g, own=own: g[0] == 'presence' and
                                     g[1:3] == (own, 'unavailable'))
                client.ping()  # nothing more of this room is under way
                all_told = [g for g in (gist(e) for e in client.reader.elements
                                        if e.get('from', '').partition('/')[0] == room) if g]
                self.assertEqual(all_told[-1][:3], ('presence', own, 'unavailable'), all_told)
                told[own] = all_told[:-1]
            orders[room] = told['eve']
            self.assertIn(('message', 'alice', 'a24', []), told['eve'])
            for own in ('alice', 'bob', 'carol'):
                self.assertEqual(told[own], told['eve'], own)
            self.assertEqual(told['dave'], told['eve'][:len(told['dave'])])
            self.assertEqual([g for g in told['eve'][len(told['dave']):] if g[:2] == ('message', 'dave')],
                             [])
        for client in (alice, bob, carol, dave, eve):
            client.end()
        self.server.stop()
        self.check_record(orders)

    def check_record(self, orders):
        """In the archive each room's messages stand in the order in which they were seen, and behind
        its destruction there is nothing."""
        records, heads = checker.read_archive(self.server.storage)
        self.assertEqual(self.server.archive_findings(), [])
        self.assertEqual(checker.chain_problems(records, heads), [])
        kept, ended = {}, set()
        for record in records:
            leaf = json.loads(record.leaf)
            room = leaf.get('room')
            if room is None or record.t // 100 not in (1, 2, 5):
                continue
            if 'rp' in leaf:  # refusals of a minute are told at its end
                self.assertNotIn(room, ended, leaf)
            if record.t == 101:
                kept.setdefault(room, []).extend(
                    p.data.decode() for p in record.parts if p.kind == 'body')
            elif record.t == 503:
                ended.add(room)
        self.assertEqual(len(ended), len(orders))
        seen = [[g[2] for g in told if g[0] == 'message' and g[2]] for told in orders.values()]
        self.assertEqual(sorted(bodies[2:] for bodies in kept.values()), sorted(seen))


if __name__ == '__main__':
    unittest.main()
