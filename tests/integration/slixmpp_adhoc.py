# SPDX-License-Identifier: Apache-2.0
"""An administrator with slixmpp: looks for commands, makes a group, lists the groups.

    /usr/bin/python3 slixmpp_adhoc.py JID PASSWORD HOST PORT CA_FILE
"""

import asyncio
import json
import sys

import slixmpp

SERVER = 'localhost'


class Administrator(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        for plugin in ('xep_0004', 'xep_0030', 'xep_0050'):
            self.register_plugin(plugin)
        self.outcome = asyncio.get_event_loop().create_future()
        self.add_event_handler('session_start', self.on_session)
        self.add_event_handler('failed_all_auth', lambda _: self.outcome.set_exception(
            RuntimeError('refused')))

    async def run(self, node, fields):
        iq = await self.send_command(node)
        command = iq['command']
        form = self['xep_0004'].make_form(ftype='submit')
        for var, value in fields.items():
            form.add_field(var=var, value=value)
        return (await self.send_command(node, 'complete', command['sessionid'], form))['command']

    async def send_command(self, node, action='execute', session=None, form=None):
        return await self['xep_0050'].send_command(SERVER, node, sessionid=session, action=action,
                                                   payload=form)

    async def on_session(self, _):
        try:
            items = await self['xep_0050'].get_commands(jid=SERVER)
            nodes = [item[1] for item in items['disco_items']['items']]
            added = await self.run('hansard#group-add', {'name': 'city'})
            listed = await self.run('hansard#group-list', {})
            rows = [row['name'] for row in listed['form'].get_items()]
            self.outcome.set_result({'nodes': nodes, 'added': added['status'], 'groups': rows})
        except Exception as problem:  # told by main()
            self.outcome.set_exception(problem)


async def main():
    jid, password, host, port, ca_file = sys.argv[1:]
    client = Administrator(jid, password)
    client.ca_certs = ca_file
    client.connect((host, int(port)), use_ssl=True)
    print(json.dumps(await client.outcome))
    await client.disconnect()


asyncio.get_event_loop().run_until_complete(main())
