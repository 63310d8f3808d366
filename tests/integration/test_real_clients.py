# SPDX-License-Identifier: Apache-2.0
"""People who run a room with clients written elsewhere, over TLS: slixmpp, and profanity in tmux.
Each makes a room, configures it, invites somebody, makes somebody a member, lists the members, kicks,
is made a member and kicked by slixmpp, corrects what it said; slixmpp also takes it back.

Debian's profanity (0.13) has no command to retract, and does not know XEP-0424: when somebody else
retracts it shows the words for clients that do not, and what was said before still stands."""

import json
import os
import unittest

import clients
import raw
from harness import Server, until

USERS = {'alice': 'alices-secret-1', 'bob': 'bobs-secret-2', 'carol': 'carols-secret-3'}
CORRECT, RETRACT = 'urn:xmpp:message-correct:0', 'urn:xmpp:message-retract:1'


class RealClients(unittest.TestCase):
    def setUp(self):
        self.server = Server(users=USERS)
        self.addCleanup(self.server.remove)
        self.server.start()
        self.ca_file = os.path.join(self.server.data, 'tls', 'fullchain.pem')

    def tearDown(self):
        self.assertTrue(self.server.alive(), self.server.tail())
        self.server.check_reports()
        self.server.stop()

    def slixmpp(self, user):
        client = clients.Slixmpp(user + '@localhost', USERS[user], self.server.port, self.ca_file,
                                 program='slixmpp_room.py')
        self.addCleanup(client.close)
        self.assertIn(client.wait('session')['tls'], ('TLSv1.2', 'TLSv1.3'))
        return client

    def profanity(self, user):
        client = clients.Profanity()
        self.addCleanup(client.close)
        client.connect(user + '@localhost', USERS[user], self.server.port)
        return client

    def done(self, client, command, *words):
        client.do(command, *words)
        answer = client.wait(command)
        self.assertIsNone(answer['error'], answer)
        return answer['result']

    def member(self, client, room, user, affiliation='member'):
        self.done(client, 'affiliation', room,
                  json.dumps({'jid': user + '@localhost', 'affiliation': affiliation}))

    def past(self, user, room):
        """What a newcomer is given."""
        with self.server.login(user, 'SCRAM-SHA-256') as client:
            own, past, _ = client.join(room, 'reader', "maxstanzas='100'")
            self.assertNotEqual(own.get('type'), 'error', raw.to_text(own))
            # A tombstone has no body, by which the raw client knows what was said.
            return past + [e for e in client.reader.elements
                           if e.tag == raw.q(raw.CLIENT, 'message') and raw.is_delayed(e)]

    def check_closed(self, room):
        with self.server.login('carol', 'SCRAM-SHA-256') as client:
            own, _, _ = client.join(room, 'Stranger')
            self.assertEqual(raw.error_of(own)[1], 'registration-required')

    def bodies(self, past):
        return [m.findtext(raw.q(raw.CLIENT, 'body')) for m in past]

    def test_slixmpp_runs_a_room(self):
        room = 'garden@chat.localhost'
        alice, bob = self.slixmpp('alice'), self.slixmpp('bob')
        self.assertIn('201', alice.join(room, 'Alice')['codes'])
        self.done(alice, 'configure', room, json.dumps({'muc#roomconfig_membersonly': True}))
        self.check_closed(room)

        alice.do('invite', room, 'bob@localhost')
        self.assertEqual(bob.wait('invited', room=room)['by'], 'alice@localhost')
        bob.join(room, 'Bob')
        alice.wait('presence', room=room, nick='Bob', type='available')
        self.member(alice, room, 'carol')
        self.assertEqual(self.done(alice, 'members', room), ['bob@localhost', 'carol@localhost'])

        alice.say(room, 'good mornign')
        own = alice.wait('said', body='good mornign')
        bob.wait('said', body='good mornign')
        alice.do('correct', room, json.dumps({'id': own['id'], 'body': 'good morning'}))
        heard = bob.wait('correction', room=room, nick='Alice')
        self.assertEqual((heard['of'], heard['body']), (own['id'], 'good morning'))
        corrected = self.past('carol', room)[-1]
        self.assertEqual(corrected.find(raw.q(CORRECT, 'replace')).get('id'), own['id'])

        alice.say(room, 'better left unsaid')
        stanza_id = alice.wait('message', body='better left unsaid')['stanza_id']
        bob.wait('said', body='better left unsaid')
        alice.do('retract', room, stanza_id)
        self.assertEqual(bob.wait('retraction', room=room, nick='Alice')['of'], stanza_id)
        self.check_tombstone(room, 'better left unsaid')

        alice.do('kick', room, 'Bob')
        out = bob.wait('presence', room=room, nick='Bob', type='unavailable')
        self.assertLessEqual({'110', '307'}, set(out['codes']))
        alice.wait('presence', room=room, nick='Bob', type='unavailable')

    def check_tombstone(self, room, body):
        """In the history of one who enters there is a tombstone and not what was said."""
        def retracted():
            past = self.past('carol', room)
            return past if any(m.find(raw.q(RETRACT, 'retracted')) is not None for m in past) else None
        past = until(retracted, what='a tombstone in the history')
        self.assertNotIn(body, self.bodies(past))

    def test_profanity_runs_a_room(self):
        room = 'forest@chat.localhost'
        alice, bob = self.profanity('alice'), self.slixmpp('bob')
        alice.join(room, 'alice')
        alice.expect('Room locked')
        alice.type('/room config')
        alice.expect('Members')
        self.set_members_only(alice)
        self.check_closed(room)

        alice.type('/win 2')  # from the form's window to the room's
        alice.type('/invite send bob@localhost')
        alice.type('/affiliation set member bob@localhost')
        self.assertEqual(bob.wait('invited', room=room)['by'], 'alice@localhost')
        bob.join(room, 'Bob')
        alice.expect('-> Bob has joined the room')
        alice.type('/affiliation set member carol@localhost')
        alice.type('/affiliation list member')
        alice.expect('carol@localhost')
        alice.expect('bob@localhost')

        alice.type('/correction on')
        alice.type('good mornign')
        said = bob.wait('said', body='good mornign')
        alice.type('/correct good morning')
        heard = bob.wait('correction', room=room, nick='alice')
        self.assertEqual((heard['of'], heard['body']), (said['id'], 'good morning'))
        self.assertEqual(self.bodies(self.past('carol', room))[-1], 'good morning')

        alice.type('/kick Bob enough')
        out = bob.wait('presence', room=room, nick='Bob', type='unavailable')
        self.assertLessEqual({'110', '307'}, set(out['codes']))
        alice.expect('Bob has been kicked')
        alice.quit()

    def set_members_only(self, alice):
        """The form names its fields by tags of its own (/field1 …)."""
        lines = [line for line in alice.screen().splitlines() if 'Only members may enter' in line]
        self.assertEqual(len(lines), 1, alice.screen())
        tag = lines[0].split('[')[1].split(']')[0]
        alice.type('/%s on' % tag)
        alice.type('/form submit')
        alice.expect('configuration successful')

    def test_profanity_in_somebody_elses_room(self):
        room = 'meadow@chat.localhost'
        alice, carol = self.slixmpp('alice'), self.profanity('carol')
        alice.join(room, 'Alice')
        carol.join(room, 'carol')
        alice.wait('presence', room=room, nick='carol', type='available')
        self.member(alice, room, 'carol')
        carol.expect('affiliation has been changed to: member')

        carol.type('/correction on')
        alice.say(room, 'good mornign')
        own = alice.wait('said', body='good mornign')
        carol.expect('good mornign')
        alice.do('correct', room, json.dumps({'id': own['id'], 'body': 'good morning'}))
        carol.expect('good morning')
        until(lambda: 'good mornign' not in carol.screen(), what='the correction on the screen')

        alice.say(room, 'better left unsaid')
        stanza_id = alice.wait('message', body='better left unsaid')['stanza_id']
        carol.expect('better left unsaid')
        alice.do('retract', room, stanza_id)
        alice.wait('retraction', room=room)
        carol.expect('took something back')
        self.assertIn('better left unsaid', carol.screen())
        self.check_tombstone(room, 'better left unsaid')

        alice.do('kick', room, 'carol')
        carol.expect('Kicked from %s by Alice' % room)
        alice.wait('presence', room=room, nick='carol', type='unavailable')
        carol.quit()


if __name__ == '__main__':
    unittest.main()
