# SPDX-License-Identifier: Apache-2.0
"""As slixmpp_client.py, for what accounts keep: it wants to hear of bookmarks (XEP-0163, told by
XEP-0115), has the roster, and tells of pushes.

    publish ROOM NAME | retract ROOM | bookmarks | ask TYPE XML | vcard_set NAME | vcard_get JID
    contact JID NAME | roster
"""

import asyncio
import sys

from slixmpp.exceptions import IqError
from slixmpp.xmlstream import ET, tostring

import slixmpp_client

BOOKMARKS = 'urn:xmpp:bookmarks:1'
EVENT = '{http://jabber.org/protocol/pubsub#event}'


class Client(slixmpp_client.Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for plugin in ('xep_0004', 'xep_0054', 'xep_0060', 'xep_0115', 'xep_0163'):
            self.register_plugin(plugin)
        self.add_event_handler('roster_update', self.on_roster)
        for event in ('pubsub_publish', 'pubsub_retract'):
            self.add_event_handler(event, self.on_pubsub)

    async def on_session(self, event):
        await self.get_roster()
        self.plugin['xep_0163'].add_interest(BOOKMARKS)  # of the full JID, which is known now
        await self.plugin['xep_0115'].update_caps(broadcast=False)
        await super().on_session(event)

    def on_roster(self, iq):
        for jid, item in iq['roster']['items'].items():
            self.tell('contact', jid=str(jid), name=item['name'], push=iq['type'] == 'set',
                      subscription=item['subscription'])

    def on_pubsub(self, message):
        for items in message.xml.iter(EVENT + 'items'):
            for item in items:
                self.tell('pubsub', node=items.get('node'), what=item.tag[len(EVENT):],
                          id=item.get('id'), name=next((c.get('name') for c in item), None))

    async def answer(self, coming, what):
        try:
            iq = await coming
        except IqError as e:
            return self.tell('answer', what=what, error=e.condition)
        self.tell('answer', what=what, xml='' if iq is None else tostring(iq.xml), error=None)

    def own_iq(self, kind, xml):
        iq = self.Iq()
        iq['type'] = kind
        iq.append(ET.fromstring(xml))
        return iq.send()

    def publish(self, room, name):
        payload = ET.Element('{%s}conference' % BOOKMARKS, name=name, autojoin='true')
        options = self.plugin['xep_0004'].make_form('submit')
        for var, value in (('FORM_TYPE', 'http://jabber.org/protocol/pubsub#publish-options'),
                           ('pubsub#persist_items', 'true'), ('pubsub#max_items', 'max'),
                           ('pubsub#send_last_published_item', 'never'),
                           ('pubsub#access_model', 'whitelist')):
            options.add_field(var=var, ftype='hidden' if var == 'FORM_TYPE' else None, value=value)
        return self.plugin['xep_0060'].publish(self.boundjid.bare, BOOKMARKS, id=room,
                                               payload=payload, options=options)

    def obey(self, line):
        command, *rest = line.rstrip('\n').split(' ', 2)
        pubsub, vcards = self.plugin['xep_0060'], self.plugin['xep_0054']
        coming = None
        if command == 'publish':
            coming = self.publish(*rest)
        elif command == 'retract':
            coming = pubsub.retract(self.boundjid.bare, BOOKMARKS, rest[0], notify=True)
        elif command == 'bookmarks':
            coming = pubsub.get_items(self.boundjid.bare, BOOKMARKS)
        elif command == 'ask':
            coming = self.own_iq(*rest)
        elif command == 'vcard_set':
            card = vcards.make_vcard()
            card['FN'] = rest[0]
            coming = vcards.publish_vcard(card)
        elif command == 'vcard_get':
            coming = vcards.get_vcard(rest[0], local=False)
        elif command == 'contact':
            coming = self.update_roster(rest[0], name=rest[1])
        elif command == 'roster':
            coming = self.get_roster()
        else:
            return super().obey(line)
        asyncio.ensure_future(self.answer(coming, command))


if __name__ == '__main__':
    asyncio.run(slixmpp_client.main(Client))
