# SPDX-License-Identifier: Apache-2.0
"""Makes leaf_vectors.json: inputs and the leaves that docs/archive-format.md says come of them. It
shares no code with record/; standard library only.

  make_vectors.py > leaf_vectors.json
  make_vectors.py --compare leaf_vectors.json    exit 1 if the file says anything else"""
import base64
import hashlib
import hmac
import json
import sys

from vector_cases import CASES

KEY = bytes(range(100, 132))
AFFILIATION = {'outcast': 0, 'none': 1, 'member': 2, 'admin': 3, 'owner': 4}
ROLE = {'none': 0, 'visitor': 1, 'participant': 2, 'moderator': 3}
ROOM_EVENTS = {101, 102, 103, 104, 105, 107, 201, 202, 203, 501, 502, 503, 507, 508, 509, 510, 512, 513, 514}


def canonical(value):
    # Whole numbers, booleans, ASCII keys: here json.dumps agrees with RFC 8785, short escapes included.
    return json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False)


def b64(data):
    return base64.b64encode(data).decode()


def pseudonym(jid):
    bare = jid.split('/', 1)[0]
    return 'p-' + hmac.new(KEY, bare.encode(), hashlib.sha256).hexdigest()[:16]


def harmless(value):
    return len(value) <= 6 and all(c in '0123456789' for c in value)


def details(e):
    """The member d and the parts (kind, text)."""
    t, d, parts = e['t'], {}, []

    def part(kind, text, always=False):
        if text or always:
            parts.append((kind, text))
            return len(parts) - 1

    def actor():
        part('full_jid', e['actor'].get('jid', ''))

    def person(key):
        if e.get(key):
            d[key] = pseudonym(e[key])
            part(key, e[key])

    def short(*keys):
        for key in keys:
            if e.get(key):
                d[key] = e[key]

    def setting(entry, name, value):
        if harmless(value):
            entry[name] = value
        else:
            entry[name + '_part'] = part(name, value)

    if t in (101, 102, 105):
        if e.get('target'):
            d['target_rn'] = e['target']
        private = e.get('is_private', False)
        d.update(kind='private' if private else 'groupchat', keep=e.get('keep', True) and not private)
        short('stanza_id')
        part('body', e.get('body'))
        part('stanza', e['stanza'], True)
        part('origin_id', e.get('origin_id'))
        part('to_nick', e.get('to_nick'))
        if t == 102 and not e.get('target'):
            part('replaces', e['replaces'], True)
        if t == 105:
            part('target', e['target_id'], True)
    elif t in (103, 104):
        d['target_rn'] = e['target']
        short('stanza_id')
        if t == 104:
            part('stanza', e['stanza'], True)
            part('reason', e.get('reason'))
    elif t == 107:
        short('stanza_id')
        part('subject', e['subject'], True)
        part('stanza', e['stanza'], True)
    elif t == 201:
        first, last, n = e['history']
        if n:
            d.update(history_from_rn=first, history_to_rn=last)
        d['history_n'] = n
        part('nick', e['nick'], True)
        actor()
    elif t == 202:
        d.update(cause=e['cause'], synthesised=e.get('synthesised', False))
        if d['synthesised']:
            d['last_seen_ts'] = e['last_seen']
        part('nick', e['nick'], True)
        person('by')
        part('reason', e.get('reason'))
    elif t == 203:
        part('old_nick', e['old_nick'], True)
        part('new_nick', e['new_nick'], True)
    elif t == 501:
        part('room', e['room'], True)
        actor()
        d['settings'] = []
        for key, value in sorted(e['settings'].items()):
            entry = {'key': key}
            if key != 'muc#roomconfig_roomsecret':
                setting(entry, 'value', value)
            d['settings'].append(entry)
    elif t == 502:
        actor()
        d['changes'] = []
        for change in e['changes']:
            entry = {'key': change['key']}
            if not change.get('secret'):
                setting(entry, 'old', change['old'])
                setting(entry, 'new', change['new'])
            d['changes'].append(entry)
    elif t == 503:
        actor()
        part('reason', e.get('reason'))
        part('alternate', e.get('alternate'))
    elif t in (507, 508):
        d.update(old=e['old'], new=e['new'])
        actor()
        person('target')
        if t == 508:
            part('nick', e['nick'], True)
        part('reserved_nick', e.get('reserved_nick'))
        part('reason', e.get('reason'))
    elif t == 509:
        d['mode'] = 'mediated'
        actor()
        person('target')
        part('reason', e.get('reason'))
        part('thread', e.get('thread'))
    elif t == 510:
        d['result'] = e['result']
        actor()
        person('target')
        part('reason', e.get('reason'))
    elif t == 512:
        actor()
        person('target')
        d['changes'] = []
        for change in e['changes']:
            entry = {'key': change['key']}
            for name in ('old', 'new'):
                if change[name]:
                    entry[name + '_part'] = part(name, change[name])
            d['changes'].append(entry)
    elif t == 401:
        first, last, n = e['history']
        d.update(via=e['via'], first_rn=first, last_rn=last, n=n)
        actor()
    elif t == 403:
        d.update(what=e['what'], n=e['n'])
        actor()
    elif t == 404:
        d['n'] = e['n']
        if e['n']:
            d['first_ts'], d['last_ts'] = e['range']
        actor()
    elif t in (106, 204):
        d.update(cause=e['cause'], n=e.get('n', 1))
        if t == 106:
            d.update(about=e['about'], bytes=e['bytes'])
            short('stanza_sha256')
        actor()
        part('to', e.get('to'))
        part('stanza', e.get('stanza'))
    elif t == 514:
        d['phase'] = e['phase']
        actor()
        person('target')
    elif t == 110:
        actor()
        person('to')
        part('body', e.get('body'))
        part('stanza', e['stanza'], True)
        part('origin_id', e.get('origin_id'))
    elif t == 601:
        d['action'] = e['action']
        if e['action'] == 'added':
            d['admin'] = e['admin']
        part('localpart', e['localpart'], True)
        actor()
    elif t == 602:
        d.update(mechanism=e['mechanism'], cause=e['cause'], n=e.get('n', 1))
        actor()
        part('ip', e.get('ip'))
    elif t == 603:
        d['opened'] = e['opened']
        short('cause', 'mechanism')
        actor()
        part('ip', e.get('ip'))
    elif t == 604:
        d.update(phase='finished' if e['finished'] else 'started', channel=e['channel'],
                 command=e['command'])
        if e['uid'] >= 0:
            d['uid'] = e['uid']
        if e['finished']:
            d.update(result=e['result'], n=e['n'])
        actor()
        part('arguments', e.get('arguments'))
    elif t == 606:
        d['version'] = e['version']
        short('boot')
        if e.get('previous'):
            source, sn, digest = e['previous']
            d['previous'] = {'source': source, 'last_sn': sn, 'hash': digest}
    elif t == 607:
        short('cause')
    elif t == 608:
        d.update(source=e['source'], last_seen_ts=e['last_seen'])
    elif t == 609:
        d.update(old=e['old'], new=e['new'], cause=e['cause'])
    elif t == 610:
        d['delta_us'] = e['delta']
    elif t == 511:
        short('keep_days', 'keep_messages')
        d.update({key: '' for key in ('keep_days', 'keep_messages') if e.get(key) == ''})
        actor()
    elif t == 513:
        d['hash'] = e['hashes']
        actor()
        part('vcard', e.get('vcard'))
    elif t == 612:
        d.update({key: e[key] for key in ('older', 'source', 'content_sn', 'archive_sn')})
        if e['older'] == 'content':
            d['rooms'] = e['rooms']
        else:
            d['lost_first_sn'], d['lost_last_sn'] = e['lost']
    elif t == 620:
        d['action'] = e['action']
        part('group', e['group'], True)
        actor()
        person('member')
    else:
        raise ValueError(t)
    return d, parts


def make(name, e, place):
    d, texts = details(e)
    salts = hashlib.shake_256(name.encode()).digest(32 * len(texts))
    parts = []
    for n, (kind, text) in enumerate(texts):
        salt, data = salts[32 * n:32 * n + 32], text.encode()
        commitment = hashlib.sha256(b'arc-part-v1\0' + salt + data).digest()
        parts.append({'n': n, 'k': kind, 'sz': len(data), 'c': b64(commitment)})
    leaf = {'v': 1, 'src': place['source'], 'sn': place['sn'],
            'sp': b64(bytes.fromhex(place['previous'])), 'id': place['id'], 't': e['t'],
            'ts': e['ts'], 'mono': place['mono_ns'] // 1000, 'boot': place['boot'], 'd': d,
            'parts': parts}
    if e['room_id']:
        leaf.update(room='r-%016x' % e['room_id'], rn=e['number'])
        if e['t'] in ROOM_EVENTS:
            leaf['rp'] = b64(bytes.fromhex(place['room_previous']))
    who, a = e['actor'], {}
    if who.get('session'):
        a['s'] = who['session']
    if who.get('jid'):
        a['p'] = pseudonym(who['jid'])
        if e['room_id']:
            a.update(af=AFFILIATION[who['affiliation']], ro=ROLE[who['role']])
        if place['local_domain']:
            domain = who['jid'].split('/', 1)[0].split('@')[-1]
            a['dom'] = 1 if domain == place['local_domain'] else 2
    if a:
        leaf['a'] = a
    text = canonical(leaf)
    return {'name': name, 'event': e, 'placement': place, 'salts': salts.hex(), 'leaf': text,
            'hash': hashlib.sha256(b'\0' + text.encode()).hexdigest(),
            'parts': [{'kind': k, 'data': t} for k, t in texts]}


def main():
    vectors = []
    for i, (name, actor, event) in enumerate(CASES):
        about_room = event['t'] < 600 and event['t'] not in (110, 404) and event.pop('known', True)
        event = dict(event, ts=1763812345678901 + i, room_id=0x19AC2F00112233 if about_room else 0,
                     number=i + 1 if about_room else 0, actor=actor)
        place = {'source': 'n1.7', 'sn': i + 1, 'previous': hashlib.sha256(b'%d' % i).hexdigest(),
                 'room_previous': '00' * 32, 'id': '0198c7c2-0000-7000-8000-%012x' % i,
                 'mono_ns': 83211000123456 + i, 'boot': 'b7f1',
                 'local_domain': '' if i % 5 == 4 else 'localhost'}
        vectors.append(make(name, event, place))
    text = json.dumps({'pseudonym_key': KEY.hex(), 'vectors': vectors}, indent=1,
                      ensure_ascii=True) + '\n'
    if sys.argv[1:2] != ['--compare']:
        sys.stdout.write(text)
        return
    with open(sys.argv[2], encoding='utf-8') as file:
        kept = file.read()
    if kept == text:
        return
    named = {v['name']: v for v in json.loads(kept)['vectors']}
    differ = [v['name'] for v in vectors if named.get(v['name']) != v]
    sys.exit('%s is not what make_vectors.py makes; vectors that differ: %s' % (sys.argv[2], differ))


main()
