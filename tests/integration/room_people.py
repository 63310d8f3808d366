# SPDX-License-Identifier: Apache-2.0
"""What tests need in which people with clients written elsewhere run a room: slixmpp and profanity on
one server, and the server's own word on the room."""

import json
import shlex

import clients
import raw
from client_case import ClientCase
from harness import until

USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2', 'carol': 'carols-secret-3'}
MAM = 'urn:xmpp:mam:2'
RETRACT = 'urn:xmpp:message-retract:1'
CORRECT = 'urn:xmpp:message-correct:0'


class Slixmpp(clients.Slixmpp):
    """Driven by slixmpp_rooms.py."""

    def __init__(self, *arguments):
        super().__init__(*arguments, program='slixmpp_rooms.py')

    def ask(self, *words):
        """Has it done; what it knows then."""
        self.do(*(shlex.quote(word) for word in words))
        return self.wait('done', what=words[0])

    def manage(self, *words):
        answer = self.ask(*words)
        if answer['error'] is not None:
            raise AssertionError('%s: %s' % (words, answer))
        return answer

    def enter(self, room, nick):
        self.do('join', room, nick)
        own = self.wait('presence', room=room, nick=nick, type='available')
        if '110' not in own['codes']:
            raise AssertionError('no self-presence: %s' % own)
        return own


class RoomPeople(ClientCase):
    USERS = USERS

    def slixmpp(self, user):
        client = Slixmpp(user + '@localhost', USERS[user], self.server.port, self.ca_file)
        self.addCleanup(client.close)
        self.assertIn(client.wait('session')['tls'], ('TLSv1.2', 'TLSv1.3'))
        return client

    def profanity(self, user):
        client = clients.Profanity()
        self.addCleanup(client.close)
        client.connect(user + '@localhost', USERS[user], self.server.port)
        return client

    def assert_refused(self, user, room, condition):
        """At the door, whatever the client. slixmpp itself takes a room that it was not let into for
        one it is in, and shows no invitation to it."""
        with self.server.login(user, 'SCRAM-SHA-256') as client:
            own, _, _ = client.join(room, 'somebody')
            self.assertEqual((own.get('type'), (raw.error_of(own) or (None, None))[1]),
                             ('error', condition))

    # ---- the server's word

    def shown(self, room):
        """`hansard room show`, its tables by their first column."""
        done = self.server.command('room', 'show', room, '--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        answer['settings'] = {r['setting']: r['value'] for r in answer['settings']}
        answer['affiliations'] = {r['jid']: r['affiliation'] for r in answer['affiliations']}
        answer['occupants'] = {r['nick']: (r['role'], r['affiliation'])
                               for r in answer['occupants']}
        return answer

    def until_inside(self, client, room, people):
        """Until that is what a client of slixmpp knows of who is inside: {nick: [role, affiliation]}."""
        until(lambda: client.manage('inside', room)['people'] == people,
              what='that %s are inside' % sorted(people))

    def until_shown(self, room, holds, what):
        until(lambda: holds(self.shown(room)), what=what)

    def history(self, user, room):
        """All that the room gives to one who enters, messages without a body too."""
        with self.server.login(user, 'SCRAM-SHA-256') as client:
            before = len(client.reader.elements)
            client.send("<presence to='%s/reader'><x xmlns='%s'><history maxstanzas='100'/></x>"
                        "</presence>" % (room, raw.MUC))
            client.pump(lambda: any(self.ends_entry(e) for e in client.reader.elements[before:]),
                        what='the subject of ' + room)
            past = [e for e in client.reader.elements[before:] if raw.is_delayed(e)]
            client.leave(room, 'reader')
            return past

    @staticmethod
    def ends_entry(element):
        """The subject, or a refusal."""
        if element.tag == raw.q(raw.CLIENT, 'presence') and element.get('type') == 'error':
            raise AssertionError(raw.to_text(element))
        return (element.tag == raw.q(raw.CLIENT, 'message') and
                element.find(raw.q(raw.CLIENT, 'subject')) is not None)

    def archive(self, user, room):
        with self.server.login(user, 'SCRAM-SHA-256') as client:
            fin = client.request("<query xmlns='%s'/>" % MAM, to=room, type='set')
            self.assertEqual(fin.get('type'), 'result', raw.to_text(fin))
            return [e.find('.//' + raw.q(raw.CLIENT, 'message')) for e in client.reader.elements
                    if e.find(raw.q(MAM, 'result')) is not None]

    def assert_told(self, messages, wanted):
        """What history or archive tell: (nick, body or what else it says) in this order; subjects
        are not counted."""
        def gist(message):
            nick = message.get('from').split('/', 1)[-1]
            replace = message.find(raw.q(CORRECT, 'replace'))
            retract = message.find(raw.q(RETRACT, 'retract'))
            body = message.findtext(raw.q(raw.CLIENT, 'body'))
            if message.find(raw.q(RETRACT, 'retracted')) is not None:
                return nick, ('tombstone', body)
            if retract is not None:
                return nick, ('retract', retract.get('id'))
            return nick, body if replace is None else ('replace', replace.get('id'), body)
        told = [gist(m) for m in messages if m.find(raw.q(raw.CLIENT, 'subject')) is None]
        self.assertEqual(told, wanted)
