# SPDX-License-Identifier: Apache-2.0
"""As slixmpp_client.py, for what people do to rooms and to what they said. A room that is new stays
locked until it is configured.

    configure ROOM {VAR: VALUE}    the form as the room gives it, with these values, sent back
    settings ROOM | inside ROOM
    invite ROOM JID REASON | affiliation ROOM JID WHAT | affiliated ROOM WHAT
    kick ROOM NICK REASON | correct ROOM ID TEXT | retract ROOM ID | retract_old ROOM ID
"""

import asyncio
import json
import shlex

from slixmpp.exceptions import IqError
from slixmpp.xmlstream import ET
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

import slixmpp_client

RETRACT = 'urn:xmpp:message-retract:1'
MUC_USER = '{http://jabber.org/protocol/muc#user}'


def attribute(xml, path, name):
    found = xml.find(path)
    return None if found is None else found.get(name)


def item_of(xml):
    """What stands in the item: role, affiliation, who did it and why."""
    item = xml.find('.//%sitem' % MUC_USER)
    if item is None:
        return {}
    return {'role': item.get('role'), 'affiliation': item.get('affiliation'),
            'jid': item.get('jid'), 'actor': attribute(item, MUC_USER + 'actor', 'nick'),
            'reason': item.findtext(MUC_USER + 'reason')}


class Client(slixmpp_client.Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for plugin in ('xep_0004', 'xep_0249', 'xep_0308', 'xep_0421', 'xep_0424'):
            self.register_plugin(plugin)
        self.muc = self.plugin['xep_0045']
        # The library has no event for messages without a body.
        for name in ('retract', 'retracted'):
            self.register_handler(Callback(
                name, MatchXPath('{jabber:client}message/{%s}%s' % (RETRACT, name)),
                lambda m: m['body'] or self.on_message(m)))
        self.add_event_handler('groupchat_invite', self.on_invitation)
        self.add_event_handler('groupchat_direct_invite', self.on_direct_invitation)
        self.add_event_handler('groupchat_config_status', lambda m: self.tell(
            'changed', room=m['from'].bare, codes=sorted(m['muc']['status_codes'])))
        self.add_event_handler('groupchat_message_error', lambda m: self.tell(
            'refused_message', room=m['from'].bare, condition=m['error']['condition']))

    def on_message(self, message):
        xml = message.xml
        retracted = xml.find('{%s}retracted' % RETRACT)
        if message['type'] == 'error':
            return
        self.tell('message', room=message['from'].bare, nick=message['from'].resource,
                  body=message['body'], id=message['id'],
                  history=xml.find('{urn:xmpp:delay}delay') is not None,
                  stanza_id=message['stanza_id']['id'],
                  occupant=attribute(xml, '{urn:xmpp:occupant-id:0}occupant-id', 'id'),
                  replaces=attribute(xml, '{urn:xmpp:message-correct:0}replace', 'id'),
                  retracts=attribute(xml, '{%s}retract' % RETRACT, 'id'),
                  retracts_old=attribute(xml, '{urn:xmpp:fasten:0}apply-to', 'id'),
                  retracted=None if retracted is None else retracted.get('id'))

    def on_presence(self, presence):
        self.tell('presence', room=presence['from'].bare, nick=presence['from'].resource,
                  type=presence.xml.get('type') or 'available',
                  codes=[s.get('code') for s in presence.xml.iter(MUC_USER + 'status')],
                  **item_of(presence.xml))

    def on_invitation(self, message):
        invite = message['muc']['invite']
        self.tell('invited', room=message['from'].bare, by=invite['from'].bare,
                  reason=invite['reason'])

    def on_direct_invitation(self, message):
        invite = message['groupchat_invite']
        self.tell('invited_directly', room=invite['jid'], by=message['from'].bare,
                  reason=invite['reason'])

    # ---- commands

    async def configure(self, room, values):
        form = await self.muc.get_room_config(room)
        form.set_values(json.loads(values))
        await self.muc.set_room_config(room, form)

    async def settings(self, room):
        return {'values': (await self.muc.get_room_config(room)).get_values()}

    async def inside(self, room):
        people = self.muc.rooms[room]
        return {'people': {nick: [str(entry['role']), str(entry['affiliation'])]
                           for nick, entry in people.items()}}

    async def invite(self, room, jid, reason):
        self.muc.invite(room, jid, reason)

    async def affiliation(self, room, jid, what):
        await self.muc.set_affiliation(room, what, jid=jid)

    async def affiliated(self, room, what):
        return {'jids': sorted(str(jid) for jid in
                               await self.muc.get_affiliation_list(room, what))}

    async def kick(self, room, nick, reason):
        await self.muc.set_role(room, nick, 'none', reason=reason)

    async def correct(self, room, message_id, text):
        message = self.make_message(mto=room, mtype='groupchat', mbody=text)
        message['replace']['id'] = message_id
        message.send()

    async def retract(self, room, stanza_id):
        message = self.make_message(mto=room, mtype='groupchat')
        message.append(ET.Element('{%s}retract' % RETRACT, {'id': stanza_id}))
        message.send()

    async def retract_old(self, room, stanza_id):
        self.plugin['xep_0424'].send_retraction(room, stanza_id, 'groupchat',
                                                fallback_text='taken back')

    async def run(self, what, arguments):
        try:
            more = await getattr(self, what)(*arguments)
        except IqError as error:
            return self.tell('done', what=what, error=error.condition)
        self.tell('done', what=what, error=None, **(more or {}))

    def obey(self, line):
        command, *arguments = shlex.split(line)
        if command in ('join', 'say', 'private', 'leave', 'cut', 'quit'):
            return super().obey(line)
        asyncio.ensure_future(self.run(command, arguments))


if __name__ == '__main__':
    asyncio.run(slixmpp_client.main(Client))
