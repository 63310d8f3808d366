# SPDX-License-Identifier: Apache-2.0
"""Debian's ejabberd on loopback with a folder and ports of its own: a point of comparison. It runs
without Erlang's distribution, so there is no node name, no cookie and no epmd; nothing of the machine's own
ejabberd is touched."""

import glob
import json
import os
import shutil
import urllib.request

import harness
from peers.peer import Peer

BEAMS = '/usr/lib/*/ejabberd-*/ebin/ejabberd.beam'
CONFIG = '''
loglevel: warning
hosts: ["%(domain)s"]
certfiles: []
listen:
  - {port: %(port)d, ip: "127.0.0.1", module: ejabberd_c2s, starttls: false, access: all, max_stanza_size: 262144}
  - {port: %(http_port)d, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {/api: mod_http_api}}
auth_method: [internal]
acl: {loopback: {ip: ["127.0.0.0/8"]}}
api_permissions:
  tests: {from: [mod_http_api], who: {access: {allow: {acl: loopback}}}, what: [register]}
modules:
  mod_disco: {}
  mod_mam: {default: always}
  mod_muc:
    host: "%(rooms)s"
    access: all
    access_create: all
    access_persistent: all
    access_mam: all
    history_size: 30
    default_room_options: {persistent: true, mam: true, allow_change_subj: false, public_list: false, moderated: false,
                           members_by_default: true, allow_user_invites: true}
  mod_ping: {}
  mod_roster: {}
'''


def beams():
    """The folder of the program; None if it is not installed."""
    found = sorted(glob.glob(BEAMS))
    return os.path.dirname(os.path.realpath(found[-1])) if found and shutil.which('erl') else None


class Ejabberd(Peer):
    """`users` are localparts with passwords; `rooms` is the label of the service of rooms."""

    name = 'ejabberd'

    def __init__(self, users, domain='localhost', rooms='rooms'):
        super().__init__()
        self.domain, self.rooms = domain, rooms + '.' + domain
        self.users = dict(users)
        self.port, self.http_port = harness.free_ports(2)
        self.config_file = os.path.join(self.folder, 'ejabberd.yml')
        with open(self.config_file, 'w') as f:
            f.write(CONFIG % {'domain': domain, 'rooms': self.rooms, 'port': self.port,
                              'http_port': self.http_port})

    def start(self, timeout=60):
        env = dict(os.environ, HOME=self.folder, SPOOL_DIR=self.folder,
                   EJABBERD_CONFIG_PATH=self.config_file,
                   EJABBERD_LOG_PATH=os.path.join(self.folder, 'ejabberd.log'))
        self.run(['erl', '-noinput', '-pa', beams(), '-mnesia', 'dir',
                  json.dumps(os.path.join(self.folder, 'spool')), '-s', 'ejabberd'],
                 [self.port, self.http_port], timeout, env)
        for user, password in self.users.items():
            self._add(user, password)
        return self

    def _add(self, user, password):
        body = json.dumps({'user': user, 'host': self.domain, 'password': password}).encode()
        request = urllib.request.Request('http://127.0.0.1:%d/api/register' % self.http_port, body,
                                         {'Content-Type': 'application/json'})
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20).close()
