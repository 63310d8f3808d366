# SPDX-License-Identifier: Apache-2.0
"""Debian's Prosody on loopback with a folder, ports and a certificate of its own: a peer and a point
of comparison. Nothing of the machine's own Prosody is touched."""

import os
import subprocess

import harness
from peers.peer import Peer

CONFIG = '''
run_as_root = true
daemonize = false
pidfile = "%(folder)s/prosody.pid"
data_path = "%(folder)s/data"
plugin_paths = {}
interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
c2s_ports = { %(port)d }
c2s_direct_tls_ports = { %(direct_tls)s }
s2s_ports = { %(s2s_ports)s }
http_ports = {}
https_ports = {}
component_ports = { %(component_ports)s }
component_interfaces = { "127.0.0.1" }
modules_enabled = { "roster", "saslauth", "disco", "ping", %(modules)s }
modules_disabled = { "posix"%(without)s }
storage = "internal"
authentication = "internal_plain"
c2s_require_encryption = %(tls_required)s
allow_unencrypted_plain_auth = %(plain_allowed)s
%(ssl)s
log = { info = "*console" }
%(extra)s

VirtualHost "%(domain)s"

Component "%(rooms)s" "muc"
restrict_room_creation = %(restricted)s
muc_room_locking = true
%(room_options)s

%(hosts)s
'''


def self_signed(folder, name):
    """(certificate, key), for `name` and the names under it."""
    certificate, key = (os.path.join(folder, n) for n in ('peer.crt', 'peer.key'))
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
         '-nodes', '-days', '7', '-subj', '/CN=' + name, '-keyout', key, '-out', certificate,
         '-addext', 'subjectAltName=DNS:%s,DNS:*.%s' % (name, name)],
        check=True, capture_output=True)
    return certificate, key


class Prosody(Peer):
    """`users` are localparts with passwords. `certificate_name` is whom the certificate names, the
    domain if left out; None for no TLS at all. `hosts` and `extra` are Lua for the end of the
    configuration and for its global part, `room_options` for the service of rooms."""

    name = 'prosody'

    SAME = object()

    def __init__(self, users, domain='localhost', certificate_name=SAME, restricted=False,
                 s2s=False, component_port=None, extra='', hosts='',
                 rooms='rooms', room_options=''):
        super().__init__()
        self.domain = domain
        self.rooms = rooms + '.' + domain
        self.users = dict(users)
        self.port, self.tls_port, self.s2s_port = harness.free_ports(3)
        self.certificate = None
        name = domain if certificate_name is self.SAME else certificate_name
        ssl = ''
        if name is not None:
            self.certificate, key = self_signed(self.folder, name)
            ssl = 'ssl = { certificate = "%s"; key = "%s" }' % (self.certificate, key)
            ssl += '\nc2s_direct_tls_ssl = { certificate = "%s"; key = "%s" }' % (
                self.certificate, key)
        self.config_file = os.path.join(self.folder, 'prosody.cfg.lua')
        modules = ['"tls"'] if name is not None else []
        if s2s:
            modules += ['"s2s"', '"dialback"']
        with open(self.config_file, 'w') as f:
            f.write(CONFIG % {
                'folder': self.folder, 'domain': domain, 'rooms': self.rooms, 'port': self.port,
                'direct_tls': self.tls_port if name is not None else '',
                's2s_ports': self.s2s_port if s2s else '',
                'component_ports': component_port or '', 'modules': ', '.join(modules),
                'tls_required': 'true' if name is not None else 'false',
                'plain_allowed': 'false' if name is not None else 'true',
                'restricted': 'true' if restricted else 'false',
                'without': '' if s2s else ', "s2s", "s2s_auth_certs"', 'ssl': ssl, 'extra': extra,
                'hosts': hosts, 'room_options': room_options})
        for user, password in self.users.items():
            self._add(user, password)

    def _add(self, user, password):
        def escaped(text):
            return ''.join(c if c.isalnum() else '%%%02x' % ord(c) for c in text)
        folder = os.path.join(self.folder, 'data', escaped(self.domain), 'accounts')
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, escaped(user) + '.dat'), 'w') as f:
            f.write('return { ["password"] = "%s" };\n' %
                    password.replace('\\', '\\\\').replace('"', '\\"'))

    def start(self, timeout=60):
        self.run(['prosody', '-F', '--config', self.config_file], [self.port], timeout)
        return self
