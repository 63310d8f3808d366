# SPDX-License-Identifier: Apache-2.0
"""Bad inputs to rooms that need several sockets, or names as they come over one: BI-MUC-06 (one
node), 10, 39, 41 (one node)."""

import unittest

import raw
from harness import UNLIMITED_RATES, ServerCase

MUC = 'http://jabber.org/protocol/muc'


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
        """BI-MUC-10: malformed ones are refused, and one room has one name."""
        alice, bob = self.login('alice'), self.login('bob')
        for name in ('a b', 'a@b', 'a&quot;b', 'x' * 1024):
            enter(alice, name + '@chat.localhost/Alice')
            answer = alice.wait(own_presence, what='an answer to %r' % name)
            self.assertEqual(raw.error_of(answer)[1], 'jid-malformed', name)
        alice.join('wide@chat.localhost', 'Alice')
        for name in ('WIDE', '\uff37\uff29\uff24\uff25'):
            enter(bob, name + '@chat.localhost/Bob')
            self.assertEqual(bob.wait(own_presence).get('from'), 'wide@chat.localhost/Bob')
            bob.leave('wide@chat.localhost', 'Bob')

    def test_strange_bodies(self):
        """BI-MUC-39: handed on as they are."""
        room = 'bodies@chat.localhost'
        alice, bob = self.login('alice'), self.login('bob')
        alice.join(room, 'Alice')
        bob.join(room, 'Bob')
        for body in ('', '\ufeff', 'e' + '\u0301' * 100000, 'x' * 102400, 'e\u0301', '\u00e9'):
            alice.say(room, body)
            bob.hear(room, body)

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
