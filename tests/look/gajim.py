#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A look with Gajim: one device bookmarks a room, Gajim on another enters it by that bookmark, under
Xvfb, and a picture is taken. For people to look at; not one of the tests of script/test.

  script/look-gajim [PICTURE.png]     needs: gajim xvfb xdotool imagemagick dbus (apt-get)

Exit 0: Gajim entered the room and what it was told is on the picture."""

import os
import pwd
import shutil
import sqlite3
import json
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'integration'))

import harness  # noqa: E402
import raw  # noqa: E402

ROOM = 'garden@chat.localhost'
USERS = {'juliet': 'juliets-secret-1', 'romeo': 'romeos-secret-2'}
BOOKMARKS = 'urn:xmpp:bookmarks:1'
SETTINGS_SQL = '''
CREATE TABLE settings (name TEXT UNIQUE, settings TEXT);
CREATE TABLE account_settings (account TEXT UNIQUE, settings TEXT);
PRAGMA user_version=5;
'''


def publish_bookmark(client, room, nick):
    answer = client.request(
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='%s'><item id='%s'>"
        "<conference xmlns='%s' name='The garden' autojoin='true'><nick>%s</nick></conference>"
        "</item></publish><publish-options><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE' type='hidden'>"
        "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
        "<field var='pubsub#persist_items'><value>true</value></field>"
        "<field var='pubsub#max_items'><value>max</value></field>"
        "<field var='pubsub#send_last_published_item'><value>never</value></field>"
        "<field var='pubsub#access_model'><value>whitelist</value></field>"
        "</x></publish-options></pubsub>" % (BOOKMARKS, room, BOOKMARKS, nick), type='set')
    if answer.get('type') != 'result':
        raise SystemExit('the bookmark is refused: ' + raw.to_text(answer))


def write_settings(home, port):
    """An account of Gajim as its own dialog would have made it."""
    config = os.path.join(home, '.config', 'gajim')
    os.makedirs(config)
    path = os.path.join(config, 'settings.sqlite')
    app = {'use_keyring': False, 'check_for_update': False, 'show_in_taskbar': True,
           'quit_on_main_window_x_button': True}
    account = {'account': {
        'name': 'juliet', 'hostname': 'localhost', 'password': USERS['juliet'], 'active': True,
        'savepass': True, 'use_custom_host': True, 'custom_host': '127.0.0.1',
        'custom_port': port, 'custom_type': 'START TLS', 'last_status': 'online'},
        'contact': {}, 'group_chat': {}}
    with sqlite3.connect(path) as db:
        db.executescript(SETTINGS_SQL)
        for name, value in (('app', app), ('soundevents', {}), ('status_presets', {}),
                            ('proxies', {}), ('plugins', {}),
                            ('workspaces', {'5bf2b2ac-4e7b-4e9e-9d6e-000000000001': {
                                'name': 'Rooms', 'color': '', 'avatar_sha': '', 'chats': []}})):
            db.execute('INSERT INTO settings VALUES (?, ?)', (name, json.dumps(value)))
        db.execute('INSERT INTO account_settings VALUES (?, ?)', ('localhost', json.dumps(account)))


class Desktop:
    """Xvfb, a session bus and Gajim; ended by their process ids."""

    def __init__(self, home):
        self.user = pwd.getpwnam('nobody') if os.getuid() == 0 else None
        if self.user:
            for folder, _, files in os.walk(home):
                for path in [folder] + [os.path.join(folder, f) for f in files]:
                    os.chown(path, self.user.pw_uid, self.user.pw_gid)
        self.environment = {'HOME': home, 'PATH': os.environ['PATH'], 'LANG': 'C.UTF-8',
                            'XDG_RUNTIME_DIR': home, 'NO_AT_BRIDGE': '1', 'GDK_BACKEND': 'x11',
                            'PYTHON_KEYRING_BACKEND': 'keyring.backends.null.Keyring'}
        read, write = os.pipe()
        self.processes = [subprocess.Popen(
            ['Xvfb', '-displayfd', str(write), '-screen', '0', '1100x750x24', '-nolisten', 'tcp'],
            pass_fds=[write], stderr=subprocess.DEVNULL)]
        os.close(write)
        with os.fdopen(read) as pipe:
            self.environment['DISPLAY'] = ':' + pipe.readline().strip()

    def start(self, *command, log):
        self.processes.append(subprocess.Popen(
            command, env=self.environment, stdout=log, stderr=log, cwd=self.environment['HOME'],
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            extra_groups=[] if self.user else None))

    def take_picture(self, path):
        subprocess.run(['import', '-window', 'root', path], env=self.environment, check=True)

    def wait_until_quiet(self, path):
        """Until two pictures in a row are the same: it has drawn all it has to."""
        before, now = None, b''
        until = time.monotonic() + 20
        while before != now and time.monotonic() < until:
            before = now
            subprocess.run(['sleep', '1'], check=True)
            self.take_picture(path)
            with open(path, 'rb') as file:
                now = file.read()

    def open_chat(self):
        """Clicks the first chat of the list."""
        found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', 'Gajim'],
                               env=self.environment, capture_output=True, text=True)
        for window in found.stdout.split():
            for command in (['windowsize', window, '1060', '700'], ['windowmove', window, '10', '10'],
                            ['mousemove', '--window', window, '200', '165', 'click', '1']):
                subprocess.run(['xdotool'] + command, env=self.environment, check=False,
                               stderr=subprocess.DEVNULL)

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main():
    picture = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'gajim.png')
    missing = [p for p in ('gajim', 'Xvfb', 'xdotool', 'import', 'dbus-run-session')
               if shutil.which(p) is None]
    if missing:
        sys.exit('not here: %s; apt-get install gajim xvfb xdotool imagemagick dbus' %
                 ', '.join(missing))
    server = harness.Server({'limits': harness.UNLIMITED_RATES}, USERS)
    home = tempfile.mkdtemp(prefix='hansard-gajim-')
    desktop = None
    try:
        server.start()
        romeo = server.login('romeo')
        romeo.join(ROOM, 'Romeo')
        romeo.say(ROOM, 'But, soft! what light through yonder window breaks?')
        phone = server.login('juliet', resource='phone')
        publish_bookmark(phone, ROOM, 'Juliet')
        phone.end()

        write_settings(home, server.port)
        trusted = os.path.join(home, '.local', 'share', 'gajim', 'cert_store')
        os.makedirs(trusted)
        shutil.copy(os.path.join(server.data, 'tls', 'fullchain.pem'), trusted)
        desktop = Desktop(home)
        with open(os.path.join(home, 'gajim.log'), 'wb') as log:
            desktop.start('dbus-run-session', '--', 'gajim', '-l', 'gajim.c=INFO', log=log)
            romeo.wait(lambda e: e.tag == raw.q(raw.CLIENT, 'presence') and
                       e.get('from') == ROOM + '/Juliet' and e.get('type') is None,
                       timeout=90, what='Gajim in the room')
            print('Gajim entered %s by its bookmark' % ROOM)
            romeo.say(ROOM, 'It is the east, and Juliet is the sun.')
            desktop.wait_until_quiet(picture)
            desktop.open_chat()
            desktop.wait_until_quiet(picture)
            print('picture: ' + picture)
    except AssertionError as error:
        with open(os.path.join(home, 'gajim.log'), encoding='utf-8', errors='replace') as log:
            sys.exit('%s\n%s' % (error, log.read()[-4000:]))
    finally:
        if desktop:
            desktop.close()
        server.remove()
        shutil.rmtree(home, ignore_errors=True)


main()
