# SPDX-License-Identifier: Apache-2.0
"""A stock client of slixmpp, driven by lines on stdin, telling events as JSON lines on stdout.

    /usr/bin/python3 slixmpp_client.py JID PASSWORD HOST PORT CA_FILE [managed]
    join ROOM NICK | say ROOM TEXT | leave ROOM NICK | private OCCUPANT TEXT | cut | quit

managed: under stream management; it comes back after a cut.
"""

import asyncio
import json
import logging
import sys

import slixmpp


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, password, address, managed):
        super().__init__(jid, password)
        self.address = address
        self.cutting = False
        if managed:
            self.register_plugin('xep_0198')
            self.add_event_handler('sm_enabled', lambda _: self.tell('managed'))
            self.add_event_handler('session_resumed', lambda _: self.tell('resumed'))
        for plugin in ('xep_0030', 'xep_0045', 'xep_0199', 'xep_0203', 'xep_0359'):
            self.register_plugin(plugin)
        self.add_event_handler('session_start', self.on_session)
        self.add_event_handler('failed_all_auth', lambda _: self.tell('refused'))
        self.add_event_handler('disconnected', lambda _: self.tell('disconnected'))
        self.add_event_handler('stream_error', lambda e: self.tell('stream_error',
                                                                   condition=e['condition']))
        self.add_event_handler('message', self.on_message)
        self.add_event_handler('groupchat_presence', self.on_presence)
        self.add_event_handler('groupchat_subject', lambda m: self.tell(
            'subject', room=m['from'].bare))
        self.add_event_handler('presence_error', lambda p: self.tell(
            'error', condition=p['error']['condition'], source=p['from'].full))

    def start(self):
        self.connect(self.address, disable_starttls=False)

    def come_back(self):
        self.cutting = False
        self.start()

    @staticmethod
    def tell(event, **fields):
        print(json.dumps(dict(fields, event=event)), flush=True)

    async def on_session(self, _):
        self.send_presence()
        self.tell('session', jid=self.boundjid.full,
                  mechanism=self.plugin['feature_mechanisms'].mech.name,
                  tls=self.transport.get_extra_info('ssl_object').version())

    def on_message(self, message):
        if message['body']:
            self.tell('message', room=message['from'].bare, nick=message['from'].resource,
                      body=message['body'], type=message['type'],
                      history=message.xml.find('{urn:xmpp:delay}delay') is not None,
                      stanza_id=message['stanza_id']['id'])

    def on_presence(self, presence):
        codes = [s.get('code') for s in
                 presence.xml.iter('{http://jabber.org/protocol/muc#user}status')]
        self.tell('presence', room=presence['from'].bare, nick=presence['from'].resource,
                  type=presence.xml.get('type') or 'available', codes=codes)
        if '201' in codes:
            query = slixmpp.xmlstream.ET.fromstring(
                "<query xmlns='http://jabber.org/protocol/muc#owner'>"
                "<x xmlns='jabber:x:data' type='submit'/></query>")
            iq = self.make_iq_set(query, ito=presence['from'].bare)
            asyncio.ensure_future(self.unlock(iq))

    async def unlock(self, iq):
        await iq.send()
        self.tell('unlocked', room=iq['to'].bare)

    def obey(self, line):
        command, *rest = line.rstrip('\n').split(' ', 2)
        if command == 'join':
            self.plugin['xep_0045'].join_muc(rest[0], rest[1], maxhistory='30')
        elif command == 'say':
            self.send_message(mto=rest[0], mbody=rest[1], mtype='groupchat')
        elif command == 'private':
            self.send_message(mto=rest[0], mbody=rest[1], mtype='chat')
        elif command == 'leave':
            self.send_presence(pto='%s/%s' % (rest[0], rest[1]), ptype='unavailable')
        elif command == 'cut':
            self.cutting = True
            self.transport.abort()
        elif command == 'quit':
            self.disconnect()


async def main(client_class=Client):
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    jid, password, host, port, ca_file = sys.argv[1:6]
    client = client_class(jid, password, (host, int(port)), sys.argv[6:] == ['managed'])
    client.ca_certs = ca_file
    client.start()
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    gone = loop.create_future()

    def on_disconnected(_):
        if client.cutting:
            client.come_back()
        elif not gone.done():
            gone.set_result(None)
    client.add_event_handler('disconnected', on_disconnected)

    async def read_commands():
        while line := await stdin.readline():
            client.obey(line.decode())
        client.disconnect()
    commands = asyncio.ensure_future(read_commands())
    await gone
    commands.cancel()


if __name__ == '__main__':
    asyncio.run(main())
