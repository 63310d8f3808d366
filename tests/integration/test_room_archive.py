# SPDX-License-Identifier: Apache-2.0
"""A room's archive (XEP-0313) with a client written elsewhere: 250 messages forward, backward, page by
page turned round, by time, by ids, also after kill -9; and many questions at once."""

import json

import clients
import raw
from client_case import ClientCase

STORAGES = ('sqlite', 'postgresql')
USERS = {'juliet': 'juliets-secret-1', 'romeo': 'romeos-secret-2', 'tybalt': 'tybalts-secret-3'}
ROOM = 'balcony@chat.localhost'
COUNT = 250
BODIES = ['line %d' % i for i in range(COUNT)]


class RoomArchive(ClientCase):
    USERS = USERS
    CONFIG = {'limits': {'stanzas_per_second': 'unlimited', 'bytes_per_second': 'unlimited'}}

    def login(self, user):
        client = clients.Slixmpp(user + '@localhost', USERS[user], self.server.port, self.ca_file,
                                 program='slixmpp_room_archive.py')
        self.addCleanup(client.close)
        client.wait('session')
        return client

    def ask(self, client, what, **options):
        client.do(what, ROOM, json.dumps(options))
        return client.wait('archive')

    def bodies(self, client, what, **options):
        answer = self.ask(client, what, **options)
        self.assertIsNone(answer['error'], answer)
        return [entry['body'] for entry in answer['entries']]

    def fill(self):
        romeo = self.login('romeo')
        romeo.join(ROOM, 'Romeo')
        for body in BODIES:
            romeo.do('say', ROOM, body)
        self.ids = [romeo.wait('message', body=body)['stanza_id'] for body in BODIES]
        self.assertEqual(len(set(self.ids)), COUNT)
        return romeo

    def test_every_way_through_an_archive(self):
        romeo = self.fill()
        # Everything that was shown is in the archive at once.
        whole = self.ask(romeo, 'walk')['entries']
        self.assertEqual([e['body'] for e in whole], BODIES)
        self.assertEqual([e['id'] for e in whole], self.ids)
        self.assertEqual({(e['source'], e['to']) for e in whole}, {(ROOM + '/Romeo', None)})
        self.assertTrue(all(e['jid'].startswith('romeo@localhost/') for e in whole))

        self.server.kill9()
        self.server.start()
        juliet = self.login('juliet')  # who is not inside
        self.assertEqual(self.bodies(juliet, 'walk'), BODIES)
        self.assertEqual(self.bodies(juliet, 'walk', rsm={'max': 7}), BODIES)
        self.assertEqual(sorted(self.bodies(juliet, 'walk', reverse=True, rsm={'max': 33})),
                         sorted(BODIES))
        entry = self.ask(juliet, 'page', rsm={'max': 1})['entries'][0]
        self.assertIsNone(entry['jid'])

        # Fifty if nothing is said, a hundred at the most.
        page = self.ask(juliet, 'page')
        self.assertEqual(([e['body'] for e in page['entries']], page['complete']),
                         (BODIES[:50], 'false'))
        for asked, given in ((99, 99), (100, 100), (101, 100), (10**9, 100)):
            page = self.ask(juliet, 'page', rsm={'max': asked})
            self.assertEqual([e['body'] for e in page['entries']], BODIES[:given])
            self.assertEqual((page['first'], page['last']), (self.ids[0], self.ids[given - 1]))

        page = self.ask(juliet, 'page', rsm={'before': self.ids[100], 'max': 10}, flip=True)
        self.assertEqual([e['body'] for e in page['entries']], BODIES[99:89:-1])
        self.assertEqual((page['first'], page['last']), (self.ids[90], self.ids[99]))
        self.assertEqual(self.bodies(juliet, 'page', after_id=self.ids[9], before_id=self.ids[20]),
                         BODIES[10:20])
        self.assertEqual(self.bodies(juliet, 'page', ids=[self.ids[i] for i in (200, 3, 77)]),
                         [BODIES[i] for i in (3, 77, 200)])
        for wrong in ({'ids': [self.ids[3], 'nope']}, {'before_id': 'nope'}, {'after_id': 'nope'},
                      {'rsm': {'after': 'nope'}}, {'rsm': {'before': self.ids[3][:-2] + 'AA'}}):
            self.assertEqual(self.ask(juliet, 'page', **wrong)['error'], 'item-not-found')

        # By time: from the stamp of one message to that of another, both included.
        stamps = [e['stamp'] for e in whole]
        between = self.bodies(juliet, 'walk', start=stamps[40], end=stamps[180])
        self.assertEqual(between, [b for b, s in zip(BODIES, stamps)
                                   if stamps[40] <= s <= stamps[180]])
        self.assertEqual(self.bodies(juliet, 'page', start='2001-01-01T00:00:00Z',
                                     end='2002-01-01T00:00:00Z'), [])
        meta = self.ask(juliet, 'metadata')
        self.assertEqual((meta['start'], meta['end']),
                         ([self.ids[0], stamps[0]], [self.ids[-1], stamps[-1]]))
        # By whom: for those who may know it.
        self.assertEqual(self.ask(juliet, 'page', **{'with': 'romeo@localhost'})['error'],
                         'forbidden')
        romeo = self.login('romeo')
        self.assertEqual(len(self.bodies(romeo, 'page', **{'with': 'romeo@localhost'})), 50)
        self.assertEqual(self.bodies(romeo, 'page', **{'with': 'juliet@localhost'}), [])

    def test_BI_MAM_07_many_questions_of_one_at_once(self):
        self.fill()
        with raw.Raw(self.server.port) as juliet:
            juliet.login('juliet', USERS['juliet'])
            juliet.send(''.join("<iq type='set' id='q%d' to='%s'><query xmlns='urn:xmpp:mam:2'/></iq>"
                                % (i, ROOM) for i in range(500)))
            answers, given = {}, 0
            while len(answers) < 500:
                stanza = juliet.next()
                if raw.local_name(stanza) == 'message':
                    given += 1
                else:
                    self.assertNotIn(stanza.get('id'), answers)
                    answers[stanza.get('id')] = stanza
            refused = [a for a in answers.values() if a.get('type') == 'error']
            self.assertTrue(refused)
            self.assertEqual({raw.error_of(a) for a in refused}, {('wait', 'resource-constraint')})
            self.assertEqual(given, 50 * (500 - len(refused)))
            juliet.ping()

    def test_BI_MAM_12_one_who_reads_nothing_holds_up_nobody(self):
        romeo = self.fill()
        with raw.Raw(self.server.port) as deaf:
            deaf.login('tybalt', USERS['tybalt'])
            for i in range(300):
                deaf.send("<iq type='set' id='q%d' to='%s'><query xmlns='urn:xmpp:mam:2'/></iq>"
                          % (i, ROOM))
            self.assertEqual(self.bodies(romeo, 'walk'), BODIES)
            romeo.do('say', ROOM, 'still here')
            romeo.wait('message', body='still here')
