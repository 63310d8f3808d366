# SPDX-License-Identifier: Apache-2.0
"""Bad inputs to rooms that need several sockets, names as they come over one, or much at a time:
BI-MUC-06 (one node), 07, 10, 26, 29, 39, 41 (one node)."""

import json
import unittest

import raw
from harness import UNLIMITED_RATES, ServerCase

MUC = 'http://jabber.org/protocol/muc'
MAM, RSM = 'urn:xmpp:mam:2', 'http://jabber.org/protocol/rsm'


def enter(client, occupant):
    client.send("<presence to='%s'><x xmlns='%s'><history maxstanzas='0'/></x></presence>" %
                (occupant, MUC))


def own_presence(element):
    return element.tag == raw.q(raw.CLIENT, 'presence') and (
        element.get('type') == 'error' or '110' in raw.status_codes(element))


def request(name, content, room):
    return "<iq type='set' id='%s' to='%s'>%s</iq>" % (name, room, content)


class Rooms(ServerCase):
    config = {'limits': UNLIMITED_RATES}

    def test_one_nick_for_two_at_once(self):
        """BI-MUC-06: exactly one gets it, and who watches sees one."""
        alice, bob, eve = (self.login(user) for user in ('alice', 'bob', 'eve'))
        for number in range(3):
            room = 'race%d@chat.localhost' % number
            alice.join(room, 'Alice')
            enter(bob, room + '/Same')
            enter(eve, room + '/Same')
            answers = [client.wait(own_presence, what='an answer') for client in (bob, eve)]
            refused = [a for a in answers if a.get('type') == 'error']
            self.assertEqual(len(refused), 1, [raw.to_text(a) for a in answers])
            self.assertEqual(raw.error_of(refused[0]), ('cancel', 'conflict'))
            alice.say(room, 'who is here?')
            alice.hear(room, 'who is here?')
            seen = [e for e in alice.reader.elements if e.get('from') == room + '/Same']
            self.assertEqual(len(seen), 1, [raw.to_text(e) for e in seen])
            for client in (bob, eve):
                client.drain()
                client.reader.elements.clear()

    def test_names_of_rooms(self):
        """BI-MUC-10: malformed ones are refused, and one room has one name. The longest allowed is one
        byte below."""
        alice, bob = self.login('alice'), self.login('bob')
        for name in ('a b', 'a@b', 'a&quot;b', 'a&#9;b', 'a\u007fb', 'a\u0085b', 'a\u202eb', '\u3000',
                     'x' * 1024, '\u00e9' * 512):
            enter(alice, name + '@chat.localhost/Alice')
            answer = alice.wait(own_presence, what='an answer to %r' % name)
            self.assertEqual(raw.error_of(answer), ('modify', 'jid-malformed'), repr(name))
        longest = 'x' * 1023 + '@chat.localhost'
        alice.join(longest, 'Alice')
        alice.leave(longest, 'Alice')
        alice.join('wide@chat.localhost', 'Alice')
        for name in ('WIDE@chat.localhost', '\uff37\uff29\uff24\uff25@chat.localhost',
                     'wi\u200bde@chat.localhost', 'wide@CHAT.LocalHost', 'Wide@chat.localhost.'):
            enter(bob, name + '/Bob')
            self.assertEqual(bob.wait(own_presence).get('from'), 'wide@chat.localhost/Bob', name)
            bob.leave('wide@chat.localhost', 'Bob')
        alice.join('caf\u00e9@chat.localhost', 'Alice')
        enter(bob, 'Cafe\u0301@chat.localhost/Bob')
        self.assertEqual(bob.wait(own_presence).get('from'), 'caf\u00e9@chat.localhost/Bob')
        self.log_allowance += 1  # of the command
        listed = json.loads(self.server.command('room', 'list', '--json').stdout)['rooms']
        self.assertEqual(sorted(r['room'] for r in listed
                                if r['room'].startswith(('wide', 'caf', 'x'))),
                         ['caf\u00e9@chat.localhost', 'wide@chat.localhost', longest])

    def test_strange_bodies(self):
        """BI-MUC-39: handed on as they are, in history and archive too."""
        room = 'bodies@chat.localhost'
        alice, bob = self.login('alice'), self.login('bob')
        alice.join(room, 'Alice')
        bob.join(room, 'Bob')
        bodies = ['', '\ufeff', 'e' + '\u0301' * 100000, 'x' * 102400, 'e\u0301', '\u00e9']
        for body in bodies:
            alice.say(room, body)
            bob.hear(room, body)
        bob.leave(room, 'Bob')
        _, past, _ = bob.join(room, 'Bob', "maxstanzas='100'")
        self.assertEqual(self.texts(past), bodies)
        archived = []
        page = ''
        while True:  # a page ends early with bodies like these
            fin = bob.request("<query xmlns='%s'><set xmlns='%s'><max>10</max>%s</set></query>" %
                              (MAM, RSM, page), to=room, type='set')
            archived += [e.find('.//' + raw.q(raw.CLIENT, 'message')) for e in bob.reader.elements
                         if e.find(raw.q(MAM, 'result')) is not None]
            bob.reader.elements.clear()
            fin = fin.find(raw.q(MAM, 'fin'))
            if fin.get('complete') == 'true':
                break
            page = '<after>%s</after>' % fin.find('.//' + raw.q(RSM, 'last')).text
        self.assertEqual(self.texts(archived), bodies)

    @staticmethod
    def texts(messages):
        return [m.findtext(raw.q(raw.CLIENT, 'body')) for m in messages]

    def answer(self, client, payload, room):
        """What a set is answered, as error_of has it; None: a result."""
        return raw.error_of(client.request(payload, to=room, type='set'))

    def test_lists_that_are_long(self):
        """BI-MUC-26: of thousands of items one is illegal, so none holds; others are served meanwhile."""
        room = 'long@chat.localhost'
        alice, bob = self.login('alice'), self.login('bob')
        alice.join(room, 'Alice')
        query = "<query xmlns='%s#admin'>%%s</query>" % MUC
        items = ''.join("<item affiliation='member' jid='m%d@x'/>" % i for i in range(4000))
        for last, condition in (("<item affiliation='king' jid='a@x'/>", 'bad-request'),
                                ("<item affiliation='outcast' jid='alice@localhost'/>", 'conflict'),
                                ("<item affiliation='member' jid='a b@x'/>", 'jid-malformed')):
            self.assertEqual(self.answer(alice, query % (items + last), room)[1], condition)
            bob.ping()
        members = query % "<item affiliation='member'/>"
        answer = alice.request(members, to=room)
        self.assertEqual(len(answer.find(raw.q(MUC + '#admin', 'query'))), 0)
        self.assertIsNone(self.answer(alice, query % items, room))
        self.log_allowance += 1
        shown = json.loads(self.server.command('room', 'show', room, '--json').stdout)
        self.assertEqual(shown['affiliation_count'], 4001)

    def test_forms_with_too_much(self):
        """BI-MUC-29: thousands of values where there is one, and fields that nobody knows (a MUST of
        XEP-0004: ignored). What is refused changes nothing, not even what stood before it."""
        room = 'form@chat.localhost'
        alice = self.login('alice')
        alice.join(room, 'Alice')
        form = ("<query xmlns='%s#owner'><x xmlns='jabber:x:data' type='submit'>"
                "<field var='muc#roomconfig_roomname'><value>%%s</value></field>%%s</x></query>" % MUC)

        def name():
            self.log_allowance += 1
            return json.loads(self.server.command('room', 'show', room, '--json').stdout)['name']
        for var in ('muc#roomconfig_roomdesc', 'muc#roomconfig_moderatedroom',
                    'muc#roomconfig_maxusers', 'muc#roomconfig_whois'):
            field = "<field var='%s'>%s</field>" % (var, '<value>1</value>' * 4500)
            error = self.answer(alice, form % ('refused', field), room)
            self.assertEqual(error, ('modify', 'bad-request'), var)
            self.assertEqual(name(), '')
        unknown = "<field var='urn:x:unknown'>%s</field>" % ('<value>1</value>' * 4500)
        self.assertIsNone(self.answer(alice, form % ('taken', unknown), room))
        self.assertEqual(name(), 'taken')

    def test_who_is_banned_under_any_spelling(self):
        """BI-MUC-07: with another resource, banned in other letters, banned with a resource, and as one
        of a domain."""
        room = 'ban@chat.localhost'
        alice = self.login('alice')
        alice.join(room, 'Alice')
        for spelling in ('BOB@localhost', 'bob@LOCALHOST/phone', '\uff42ob@localhost', 'localhost'):
            query = "<query xmlns='%s#admin'><item affiliation='%%s' jid='%s'/></query>" % (MUC, spelling)
            self.assertIsNone(self.answer(alice, query % 'outcast', room), spelling)
            for resource in ('one', 'Two'):
                bob = self.login('bob', resource=resource)
                own, _, _ = bob.join(room, 'Bob')
                self.assertEqual(raw.error_of(own), ('auth', 'forbidden'), spelling)
            self.assertIsNone(self.answer(alice, query % 'none', room), spelling)
            own, _, _ = bob.join(room, 'Bob')
            self.assertIsNone(own.get('type'))
            bob.leave(room, 'Bob')

    def test_everything_at_once(self):
        """BI-MUC-41: one order that all see, and nothing after the end."""
        room = 'end@chat.localhost'
        alice, bob, eve = (self.login(user) for user in ('alice', 'bob', 'eve'))
        for client, nick in ((alice, 'Alice'), (bob, 'Bob'), (eve, 'Eve')):
            client.join(room, nick)
        owner = "<query xmlns='%s#owner'>" % MUC
        bob.send(''.join("<message type='groupchat' to='%s'><body>%d</body></message>" % (room, i)
                         for i in range(50)))
        alice.send(
            "<message type='groupchat' to='%s'><body>last words</body></message>" % room +
            request('kick', "<query xmlns='%s#admin'><item nick='Bob' role='none'/></query>" % MUC,
                    room) +
            request('form', owner + "<x xmlns='jabber:x:data' type='submit'>"
                    "<field var='muc#roomconfig_moderatedroom'><value>1</value></field>"
                    "</x></query>", room) +
            request('destroy', owner + '<destroy/></query>', room))
        heard = {}
        for name, client in (('alice', alice), ('bob', bob), ('eve', eve)):
            bodies = heard[name] = []

            def over(element):
                if raw.is_room_message(element, room) and element.get('type') != 'error':
                    bodies.append(element.findtext(raw.q(raw.CLIENT, 'body')))
                return own_presence(element) and element.get('type') == 'unavailable'
            while not over(client.next()):
                pass
            client.ping()
            after = [raw.to_text(e) for e in client.reader.elements
                     if e.get('from', '').startswith(room) and e.get('type') not in
                     ('error', 'result')]
            self.assertEqual(after, [])
        self.assertEqual(heard['alice'], heard['eve'])
        self.assertEqual(heard['bob'], heard['eve'][:len(heard['bob'])])
        self.assertIn('last words', heard['eve'])


if __name__ == '__main__':
    unittest.main()
