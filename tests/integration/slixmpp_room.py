# SPDX-License-Identifier: Apache-2.0
"""As slixmpp_client.py, for one who runs a room.

    configure ROOM {"muc#roomconfig_membersonly": true}    the form is fetched, changed, sent back
    invite ROOM JID | affiliation ROOM {"jid": …, "affiliation": …} | kick ROOM NICK
    members ROOM                                           who is on the list
    correct ROOM {"id": …, "body": …} | retract ROOM STANZA_ID

What is said carries an id, told back with the message. The library's own XEP-0424 is that of an
earlier version of it, so retract builds the element of the current one.
"""

import asyncio
import json

from slixmpp.exceptions import IqError
from slixmpp.xmlstream import ET

import slixmpp_client

REPLACE = '{urn:xmpp:message-correct:0}replace'
RETRACT = '{urn:xmpp:message-retract:1}retract'


class Client(slixmpp_client.Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for plugin in ('xep_0004', 'xep_0249', 'xep_0308'):
            self.register_plugin(plugin)
        self.muc = self.plugin['xep_0045']
        self.add_event_handler('groupchat_invite', lambda m: self.tell(
            'invited', room=m['from'].bare, by=m['muc']['invite']['from'].bare))
        self.add_event_handler('groupchat_direct_invite', lambda m: self.tell(
            'invited', room=m['groupchat_invite']['jid'], by=m['from'].bare))

    def on_message(self, message):
        super().on_message(message)
        fields = dict(room=message['from'].bare, nick=message['from'].resource,
                      id=message['id'], body=message['body'])
        replace = message.xml.find(REPLACE)
        retract = message.xml.find(RETRACT)
        if replace is not None:
            self.tell('correction', of=replace.get('id'), **fields)
        if retract is not None:
            self.tell('retraction', of=retract.get('id'), **fields)
        if message['body'] and replace is None:
            self.tell('said', **fields)

    async def configure(self, room, text):
        form = await self.muc.get_room_config(room)
        form['type'] = 'submit'
        for name, value in json.loads(text).items():
            form.get_fields()[name]['value'] = value
        await self.muc.set_room_config(room, form)

    async def affiliation(self, room, text):
        wish = json.loads(text)
        await self.muc.set_affiliation(room, wish['affiliation'], jid=wish['jid'])

    async def kick(self, room, nick):
        await self.muc.set_role(room, nick, 'none')

    async def members(self, room):
        found = await self.muc.get_affiliation_list(room, 'member')
        return sorted(str(jid) for jid in found)

    async def invite(self, room, jid):
        self.muc.invite(room, jid)

    async def correct(self, room, text):
        wish = json.loads(text)
        message = self.make_message(mto=room, mbody=wish['body'], mtype='groupchat')
        message['replace']['id'] = wish['id']
        message.send()

    async def retract(self, room, stanza_id):
        message = self.make_message(mto=room, mbody='took something back', mtype='groupchat')
        message.xml.append(ET.Element(RETRACT, {'id': stanza_id}))
        message.send()

    async def run(self, command, arguments):
        try:
            self.tell(command, error=None, result=await getattr(self, command)(*arguments))
        except IqError as error:
            self.tell(command, error=error.condition, result=None)

    def obey(self, line):
        command, *rest = line.rstrip('\n').split(' ', 2)
        if command not in ('configure', 'affiliation', 'kick', 'members', 'invite', 'correct',
                           'retract'):
            return super().obey(line)
        asyncio.ensure_future(self.run(command, rest))


if __name__ == '__main__':
    asyncio.run(slixmpp_client.main(Client))
