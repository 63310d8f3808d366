# SPDX-License-Identifier: Apache-2.0
"""People run a room from clients written elsewhere, over TLS: they make it, configure it, invite, make
others members, list them, kick, correct what they said and take it back. What counts is what the others'
clients show, what the server says of the room, and what history and archive tell those who come later.

Where a client has no command for something the docstring of the test says how it is done."""

import json
import re
import unittest

from harness import until
from room_people import RETRACT, RoomPeople

MEMBERS_ONLY = {'muc#roomconfig_roomname': 'The club', 'muc#roomconfig_membersonly': '1'}


class BySlixmpp(RoomPeople):
    """Both sides are slixmpp 1.8, except where profanity is told about it."""

    def test_a_members_only_room(self):
        room = 'club@chat.localhost'
        alice, bob, carol = self.slixmpp('alice'), self.slixmpp('bob'), self.slixmpp('carol')
        self.assertIn('201', alice.enter(room, 'Alice')['codes'])
        self.assert_refused('bob', room, 'item-not-found')  # locked until it is configured
        alice.manage('configure', room, json.dumps(MEMBERS_ONLY))
        values = alice.manage('settings', room)['values']
        self.assertEqual((values['muc#roomconfig_roomname'], values['muc#roomconfig_membersonly']),
                         ('The club', True))
        shown = self.shown(room)
        self.assertEqual(shown['name'], 'The club')
        self.assertEqual(shown['settings']['muc#roomconfig_membersonly'], '1')
        self.assert_refused('bob', room, 'registration-required')

        # Invited (7.8.2), and made a member (9.5, which invites too).
        alice.manage('invite', room, 'bob@localhost', 'come in')
        bob.wait('invited', room=room, by='alice@localhost', reason='come in')
        alice.manage('affiliation', room, 'carol@localhost', 'member')
        carol.wait('invited', room=room, by='alice@localhost')
        members = ['bob@localhost', 'carol@localhost']
        self.assertEqual(alice.manage('affiliated', room, 'member')['jids'], members)
        self.assertEqual({jid: what for jid, what in self.shown(room)['affiliations'].items()},
                         {'alice@localhost': 'owner', **dict.fromkeys(members, 'member')})
        self.assertEqual(bob.enter(room, 'Bob')['affiliation'], 'member')
        alice.wait('presence', room=room, nick='Bob', type='available', affiliation='member')
        carol.enter(room, 'Carol')
        bob.wait('presence', room=room, nick='Carol', type='available', affiliation='member')
        self.until_inside(bob, room, {'Alice': ['moderator', 'owner'],
                                      'Bob': ['participant', 'member'],
                                      'Carol': ['participant', 'member']})

        # Kicked; membership outlives that, so the door stays open.
        alice.manage('kick', room, 'Bob', 'too loud')
        out = bob.wait('presence', room=room, nick='Bob', type='unavailable')
        self.assertIn('307', out['codes'])
        self.assertEqual((out['role'], out['actor'], out['reason']), ('none', 'Alice', 'too loud'))
        seen = carol.wait('presence', room=room, nick='Bob', type='unavailable')
        self.assertEqual(('307' in seen['codes'], seen['reason']), (True, 'too loud'))
        self.until_inside(carol, room, {'Alice': ['moderator', 'owner'],
                                        'Carol': ['participant', 'member']})
        bob.say(room, 'out of the window')
        bob.wait('refused_message', room=room, condition='not-acceptable')
        self.assertEqual(sorted(self.shown(room)['occupants']), ['Alice', 'Carol'])
        bob.enter(room, 'Bob')
        carol.wait('presence', room=room, nick='Bob', type='available')

        # No member any more: out (9.4), and the door is shut.
        alice.manage('affiliation', room, 'bob@localhost', 'none')
        self.assertIn('321', bob.wait('presence', room=room, nick='Bob',
                                      type='unavailable')['codes'])
        carol.wait('presence', room=room, nick='Bob', type='unavailable')
        self.assertEqual(alice.manage('affiliated', room, 'member')['jids'], ['carol@localhost'])
        self.assert_refused('bob', room, 'registration-required')
        self.assert_told(self.history('carol', room), [])

    def test_what_may_not_be_done(self):
        """The same commands from one who may not: the client is told, and nothing changes."""
        room = 'no-rights@chat.localhost'
        alice, bob, carol = self.slixmpp('alice'), self.slixmpp('bob'), self.slixmpp('carol')
        alice.enter(room, 'Alice')
        alice.manage('configure', room, json.dumps({'muc#roomconfig_membersonly': '0'}))
        bob.enter(room, 'Bob')
        carol.enter(room, 'Carol')
        before = self.shown(room)
        for words in (('configure', room, json.dumps(MEMBERS_ONLY)),
                      ('affiliation', room, 'bob@localhost', 'owner'),
                      ('affiliated', room, 'outcast'),
                      ('kick', room, 'Carol', 'because')):
            self.assertEqual(bob.ask(*words)['error'], 'forbidden', words)
        self.until_inside(alice, room, {'Alice': ['moderator', 'owner'],
                                        'Bob': ['participant', 'none'],
                                        'Carol': ['participant', 'none']})
        after = self.shown(room)
        for part in ('settings', 'affiliations', 'occupants'):
            self.assertEqual(after[part], before[part])

    def test_correction_and_retraction(self):
        """slixmpp 1.8 knows XEP-0424 of before 2023 only (message-retract:0 in a fastening): the
        retraction that rooms know is put together from its stanza classes. What its own plugin sends
        is a message that says what it says, and takes nothing back."""
        room = 'second-thoughts@chat.localhost'
        alice, bob, carol = self.slixmpp('alice'), self.slixmpp('bob'), self.profanity('carol')
        alice.enter(room, 'Alice')
        alice.manage('configure', room, json.dumps({'muc#roomconfig_roomname': 'Thoughts'}))
        bob.enter(room, 'Bob')
        carol.join(room, 'carol')

        bob.say(room, 'the airlok is open')
        first = alice.wait('message', nick='Bob', body='the airlok is open')
        carol.expect('Bob: the airlok is open')
        bob.manage('correct', room, first['id'], 'the airlock is open')
        second = alice.wait('message', nick='Bob', body='the airlock is open')
        self.assertEqual((second['replaces'], second['occupant']), (first['id'], first['occupant']))
        carol.expect('+ Bob: the airlock is open')
        self.assertNotIn('airlok', carol.screen())

        bob.say(room, 'my password is swordfish')
        said = alice.wait('message', nick='Bob', body='my password is swordfish')
        bob.manage('retract_old', room, said['stanza_id'])
        old = alice.wait('message', nick='Bob', body='taken back')
        self.assertEqual((old['retracts'], old['retracts_old']), (None, said['stanza_id']))
        expected = [('Bob', 'the airlok is open'),
                    ('Bob', ('replace', first['id'], 'the airlock is open')),
                    ('Bob', 'my password is swordfish'), ('Bob', 'taken back')]
        self.assert_told(self.history('carol', room), expected)
        bob.manage('retract', room, said['stanza_id'])
        taken = alice.wait('message', retracts=said['stanza_id'])
        self.assertEqual((taken['nick'], taken['occupant']), ('Bob', said['occupant']))

        # Somebody else's stays where it is, whatever is claimed.
        alice.manage('retract', room, second['stanza_id'])
        bob.wait('message', nick='Alice', retracts=second['stanza_id'])
        expected[2:3] = [('Bob', ('tombstone', None))]
        expected += [('Bob', ('retract', said['stanza_id'])),
                     ('Alice', ('retract', second['stanza_id']))]
        self.assert_told(self.history('carol', room), expected)
        self.assert_told(self.archive('carol', room), expected)
        # One who comes later, with this client, is shown it like that.
        alice.do('leave', room, 'Alice')
        alice.wait('presence', room=room, nick='Alice', type='unavailable')
        alice.enter(room, 'Alice')
        tombstone = alice.wait('message', history=True, stanza_id=said['stanza_id'])
        self.assertEqual((tombstone['retracted'], tombstone['body']), (taken['id'], ''))
        # Nor does it come back with a crash.
        self.server.kill9()
        self.server.start()
        self.assert_told(self.history('carol', room), expected)


class ByProfanity(RoomPeople):
    """One side is profanity 0.13 in a terminal, the other slixmpp."""

    def set_field(self, person, label, value):
        """The form on the screen names its fields by tags of its own: [field1] Label: value."""
        tag = re.search(r'\[(field\d+)\] %s:' % re.escape(label), person.screen())
        self.assertIsNotNone(tag, person.screen())
        person.type('/%s %s' % (tag[1], value))

    def listed(self, person, what):
        """Who stands in the newest list of that affiliation on the screen."""
        newest = person.screen().rsplit('Affiliation: ' + what, 1)[1]
        return sorted(re.findall(r'! +(\S+@\S+)', newest))

    def test_profanity_runs_a_room(self):
        room = 'club@chat.localhost'
        carol, bob, alice = self.profanity('carol'), self.slixmpp('bob'), self.slixmpp('alice')
        carol.join(room, 'carol')
        carol.expect('Room locked')
        carol.type('/room config')
        carol.expect("See '/form help' for more information.")
        self.set_field(carol, 'Name', '"The club"')
        self.set_field(carol, 'Only members may enter', 'on')
        carol.type('/form submit')
        carol.expect('Room configuration successful')
        self.until_shown(room, lambda now: now['name'] == 'The club', 'the new name')
        self.assertEqual(self.shown(room)['settings']['muc#roomconfig_membersonly'], '1')
        self.assert_refused('bob', room, 'registration-required')

        carol.type('/invite send bob@localhost "come in"')
        bob.wait_any({'invited', 'invited_directly'}, room=room, by='carol@localhost',
                     reason='come in')
        for user in ('alice', 'bob'):
            carol.type('/affiliation set member %s@localhost welcome' % user)
        members = ['alice@localhost', 'bob@localhost']
        self.until_shown(room, lambda now: {j: w for j, w in now['affiliations'].items()
                                            if w == 'member'} == dict.fromkeys(members, 'member'),
                         'two members')
        carol.type('/affiliation list member')
        carol.expect('Affiliation: member')
        until(lambda: self.listed(carol, 'member') == members, what='both on the list')
        self.assertEqual(bob.enter(room, 'Bob')['affiliation'], 'member')
        carol.expect('-> Bob has joined the room, role: participant, affiliation: member')
        alice.enter(room, 'Alice')
        carol.expect('-> Alice has joined the room')

        carol.type('/kick Bob "too loud"')
        out = bob.wait('presence', room=room, nick='Bob', type='unavailable')
        self.assertIn('307', out['codes'])
        self.assertEqual((out['actor'], out['reason']), ('carol', 'too loud'))
        carol.expect('<- Bob has been kicked from the room by carol, reason: too loud')
        alice.wait('presence', room=room, nick='Bob', type='unavailable')
        self.until_inside(alice, room, {'carol': ['moderator', 'owner'],
                                        'Alice': ['participant', 'member']})
        self.assertEqual(sorted(self.shown(room)['occupants']), ['Alice', 'carol'])
        carol.quit()

    def test_profanity_is_a_guest(self):
        """Invited by somebody, made a member, kicked; who asks for the list of the banned is told that it
        may not."""
        room = 'salon@chat.localhost'
        alice, carol = self.slixmpp('alice'), self.profanity('carol')
        alice.enter(room, 'Alice')
        alice.manage('configure', room, json.dumps({'muc#roomconfig_roomname': 'Salon'}))
        alice.manage('invite', room, 'carol@localhost', 'tea is served')
        carol.expect('Chat room invite received:')
        carol.expect('Message: tea is served')
        self.assertRegex(carol.screen(), r'From +: alice@localhost')
        carol.join(room, 'carol')
        alice.wait('presence', room=room, nick='carol', type='available', affiliation='none')
        alice.manage('affiliation', room, 'carol@localhost', 'member')
        carol.expect('Your affiliation has been changed to: member, by: Alice')
        self.until_inside(alice, room, {'Alice': ['moderator', 'owner'],
                                        'carol': ['participant', 'member']})
        carol.type('/affiliation list outcast')
        carol.expect('Error retrieving outcast list: forbidden')
        alice.manage('kick', room, 'carol', 'tea is over')
        carol.expect('<- Kicked from %s by Alice, reason: tea is over' % room)
        self.until_inside(alice, room, {'Alice': ['moderator', 'owner']})
        self.assertEqual(list(self.shown(room)['occupants']), ['Alice'])
        self.assertEqual(self.shown(room)['affiliations']['carol@localhost'], 'member')
        carol.join(room, 'carol')
        alice.wait('presence', room=room, nick='carol', type='available', affiliation='member')
        carol.quit()

    def test_correction_and_retraction(self):
        """Profanity 0.13 has no command to retract, and does not know XEP-0424: the retraction goes out
        as XML from its console, on its session. What others took back stays on its screen until the
        room is entered again."""
        room = 'second-thoughts@chat.localhost'
        alice, carol = self.slixmpp('alice'), self.profanity('carol')
        alice.enter(room, 'Alice')
        alice.manage('configure', room, json.dumps({'muc#roomconfig_roomname': 'Thoughts'}))
        carol.join(room, 'carol')
        carol.type('/correction on')
        carol.type('the airlok is open')
        first = alice.wait('message', nick='carol', body='the airlok is open')
        carol.expect('carol: the airlok is open')
        carol.type('/correct the airlock is open')
        second = alice.wait('message', nick='carol', body='the airlock is open')
        self.assertEqual((second['replaces'], second['occupant']), (first['id'], first['occupant']))
        carol.expect('+ carol: the airlock is open')
        carol.type('my password is swordfish')
        said = alice.wait('message', nick='carol', body='my password is swordfish')
        carol.type('/xmlconsole')
        carol.expect('XML Console')
        carol.type("<message to='%s' type='groupchat' id='taken'><retract xmlns='%s' id='%s'/></message>" %
                   (room, RETRACT, said['stanza_id']))
        taken = alice.wait('message', retracts=said['stanza_id'])
        self.assertEqual((taken['nick'], taken['occupant']), ('carol', said['occupant']))

        alice.say(room, 'I should not say so')
        own = alice.wait('message', nick='Alice', body='I should not say so')
        carol.type('/win %s' % room)
        carol.expect('Alice: I should not say so')
        alice.manage('retract', room, own['stanza_id'])
        alice.wait('message', retracts=own['stanza_id'])
        expected = [('carol', 'the airlok is open'),
                    ('carol', ('replace', first['id'], 'the airlock is open')),
                    ('carol', ('tombstone', None)), ('carol', ('retract', said['stanza_id'])),
                    ('Alice', ('tombstone', None)), ('Alice', ('retract', own['stanza_id']))]
        self.assert_told(self.history('bob', room), expected)
        self.assert_told(self.archive('bob', room), expected)
        carol.quit()
        back = self.profanity('carol')
        back.join(room, 'carol')
        alice.say(room, 'welcome back')
        back.expect('Alice: welcome back')
        self.assertIn('carol: the airlock is open', back.screen())
        for gone in ('swordfish', 'should not say'):
            self.assertNotIn(gone, back.screen())
        back.quit()


if __name__ == '__main__':
    unittest.main()
