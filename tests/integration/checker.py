# SPDX-License-Identifier: Apache-2.0
"""Judges a run: was anything that anybody was shown lost, doubled or reordered, and does the archive
say the same? Shares no code with the server; works on plain values, so that its own test can hand
it a run with a fault.

A message is known by the id that the room gave it *and* by its body, which is used once: what was
shown under one id, lost, sent again and recorded under another is a loss. A *visit* is what one
client saw of one room between entering it and leaving it or losing the connection: first history,
then live, in order.
"""

import base64
import collections
import hashlib
import json
import xml.etree.ElementTree as ET

Visit = collections.namedtuple('Visit', 'client room past live')  # two lists of Message
Message = collections.namedtuple('Message', 'id body')
STANZA_ID = '{urn:xmpp:sid:0}stanza-id'
ZERO = bytes(32)
MESSAGE_POSTED = 101


def order_problems(name, expected_order, seen):
    """`seen` must be a gapless, ordered piece of `expected_order`."""
    position = {message: i for i, message in enumerate(expected_order)}
    problems = []
    last = None
    for message in seen:
        at = position.get(message)
        if at is None:
            problems.append('%s: %r was shown but is not in the history' % (name, message))
            continue
        if last is not None and at != last + 1:
            kind = 'doubled' if at == last else 'reordered' if at < last else 'a gap before'
            problems.append('%s: %s %r' % (name, kind, message))
        last = at
    return problems


def once_problems(name, messages):
    """Neither an id nor a body may be there twice."""
    return ['%s: %r is there %d times' % (name, value, n)
            for values in zip(*messages)
            for value, n in collections.Counter(values).items() if n > 1]


def visit_problems(visits, history):
    """history: {room: [Message]} in order; visits as above."""
    problems = []
    for room, messages in history.items():
        problems += once_problems('history of ' + room, messages)
    for number, visit in enumerate(visits):
        name = '%s in %s (visit %d)' % (visit.client, visit.room, number)
        problems += order_problems(name, history.get(visit.room, []), visit.past + visit.live)
    return problems


def later_problems(visits):
    """A client that comes again must not be shown as live what it was shown as live before."""
    problems = []
    seen = collections.defaultdict(set)
    for visit in visits:
        key = visit.client, visit.room
        for _, body in visit.live:
            if body in seen[key]:
                problems.append('%s: %r was live twice in %s' % (visit.client, body, visit.room))
            seen[key].add(body)
    return problems


def sender_problems(sent, history):
    """sent: {(sender, room): [body]} in the order in which the sender wanted them."""
    problems = []
    for (sender, room), bodies in sent.items():
        wanted = set(bodies)
        got = [body for _, body in history.get(room, []) if body in wanted]
        if got != bodies:
            missing = [b for b in bodies if b not in set(got)]
            problems.append('%s in %s: sent and history differ (missing %s)' %
                            (sender, room, missing[:5]))
    return problems


# ---- the archive

def leaf_hash(leaf):
    return hashlib.sha256(b'\0' + leaf).digest()


def commitment(salt, data):
    return hashlib.sha256(b'arc-part-v1\0' + salt + data).digest()


Record = collections.namedtuple('Record', 'seq leaf hash src sn t room rn parts')
Part = collections.namedtuple('Part', 'n kind salt data')


def as_bytes(value):
    return value.encode('utf-8', 'surrogateescape') if isinstance(value, str) else bytes(value)


def read_archive(storage):
    """[Record] in the order of the archive, and {src: (sn, hash)} of its head table."""
    def rows(query):
        return storage.rows('archive', query)
    parts = collections.defaultdict(list)
    for seq, n, kind, salt, data in rows('SELECT seq, n, kind, salt, data FROM part ORDER BY seq, n'):
        parts[seq].append(Part(n, kind, bytes.fromhex(salt), as_bytes(data)))
    records = [Record(seq, as_bytes(leaf), bytes.fromhex(hash_), src, sn, t, room, rn, parts[seq])
               for seq, leaf, hash_, src, sn, t, room, rn in rows(
                   'SELECT seq, leaf, leaf_hash, src, sn, t, room, rn FROM event ORDER BY seq')]
    heads = {src: (sn, bytes.fromhex(hash_))
             for src, sn, hash_ in rows('SELECT src, sn, hash FROM head')}
    return records, heads


def chain_problems(records, heads):
    """Recomputes everything: hashes, links of sources and rooms, dense numbers, commitments."""
    problems = []
    source_end = {}
    room_end = {}
    clocks = {}
    for index, record in enumerate(records):
        name = 'archive %d (%s/%s)' % (record.seq, record.src, record.sn)
        if record.seq != index:
            problems.append('%s: seq is not dense' % name)
        if leaf_hash(record.leaf) != record.hash:
            problems.append('%s: the hash is not that of the leaf' % name)
        leaf = json.loads(record.leaf)
        canonical = json.dumps(leaf, sort_keys=True, separators=(',', ':'), ensure_ascii=False)
        if canonical.encode('utf-8', 'surrogateescape') != record.leaf:
            problems.append('%s: the leaf is not canonical JSON' % name)
        if leaf.get('v') != 1:
            problems.append('%s: version %r' % (name, leaf.get('v')))
        columns = {'src': record.src, 'sn': record.sn, 't': record.t}
        for key, value in columns.items():
            if leaf.get(key) != value:
                problems.append('%s: column %s is %r, leaf says %r' %
                                (name, key, value, leaf.get(key)))
        sn, previous = source_end.get(record.src, (0, ZERO))
        if leaf['sn'] != sn + 1:
            problems.append('%s: sn follows %d' % (name, sn))
        if base64.b64decode(leaf['sp']) != previous:
            problems.append('%s: sp is not the hash of the source\'s leaf before' % name)
        source_end[record.src] = (leaf['sn'], record.hash)
        problems += clock_problems(name, leaf, clocks) + actor_problems(name, leaf)
        if 'rp' in leaf:
            rn, previous = room_end.get(leaf['room'], (0, ZERO))
            if leaf['rn'] != rn + 1:
                problems.append('%s: rn %d of %s follows %d' % (name, leaf['rn'], leaf['room'], rn))
            if base64.b64decode(leaf['rp']) != previous:
                problems.append('%s: rp is not the hash of the room\'s leaf before' % name)
            if record.rn != leaf['rn']:
                problems.append('%s: column rn differs' % name)
            room_end[leaf['room']] = (leaf['rn'], record.hash)
        elif 'room' in leaf and leaf['rn'] > room_end.get(leaf['room'], (0, ZERO))[0]:
            problems.append('%s: notes number %d of a room that is at %d' %
                            (name, leaf['rn'], room_end.get(leaf['room'], (0, ZERO))[0]))
        problems += part_problems(name, leaf, record.parts)
    for source, end in source_end.items():
        if heads.get(source) != end:
            problems.append('head of %s is not its last leaf' % source)
    return problems


def clock_problems(name, leaf, clocks):
    """The monotonic clock stands still or goes on, from leaf to leaf of a source and over all sources
    of one boot of the machine. `clocks` keeps where it was."""
    problems = []
    for key in [('source', leaf['src'])] + ([('boot', leaf['boot'])] if leaf['boot'] else []):
        if leaf['mono'] < clocks.get(key, 0):
            problems.append('%s: mono goes back within %s %s' % ((name,) + key))
        clocks[key] = leaf['mono']
    return problems


def actor_problems(name, leaf):
    """Whoever acted is said to be one of our own or somebody else's."""
    actor = leaf.get('a', {})
    if 'p' in actor and actor.get('dom') not in (1, 2):
        return ['%s: dom of the actor is %r' % (name, actor.get('dom'))]
    return []


def part_problems(name, leaf, parts):
    problems = []
    promised = {p['n']: p for p in leaf['parts']}
    if set(promised) != {p.n for p in parts}:
        problems.append('%s: parts %s promised, %s kept' %
                        (name, sorted(promised), sorted(p.n for p in parts)))
    for part in parts:
        entry = promised.get(part.n)
        if entry is None:
            continue
        if len(part.salt) != 32:
            problems.append('%s: salt of part %d' % (name, part.n))
        if (entry['k'], entry['sz']) != (part.kind, len(part.data)):
            problems.append('%s: kind or size of part %d' % (name, part.n))
        if base64.b64decode(entry['c']) != commitment(part.salt, part.data):
            problems.append('%s: commitment of part %d' % (name, part.n))
    return problems


def source_problems(records):
    """Each source but the first says where the one before it ended, so no tail can be cut unseen."""
    problems = []
    ends, order = {}, []
    for record in records:
        if record.src not in ends:
            order.append(record.src)
        ends[record.src] = (record.sn, record.hash)
    for record in records:
        leaf = json.loads(record.leaf)
        previous = leaf['d'].get('previous') if record.t == 606 else None
        if previous is None:
            if record.t == 606 and order.index(record.src) > 0:
                problems.append('source %s does not name the one before it' % record.src)
            continue
        if previous['source'] != order[order.index(record.src) - 1]:
            problems.append('source %s names %s as the one before it' %
                            (record.src, previous['source']))
        end = ends.get(previous['source'])
        if end is None or end[0] != previous['last_sn'] or end[1].hex() != previous['hash']:
            problems.append('source %s: its predecessor ended elsewhere' % record.src)
    return problems


def message_of(stanza):
    """The Message in a serialised groupchat message."""
    root = ET.fromstring(stanza)
    ids = [child.get('id') for child in root if child.tag == STANZA_ID]
    bodies = [child.text or '' for child in root if child.tag.rsplit('}', 1)[-1] == 'body']
    return Message(ids[0] if len(ids) == 1 else None, bodies[0] if len(bodies) == 1 else None)


def archived_messages(records):
    """{room's number in the archive: [Message]} of groupchat messages, in order. The id is the
    leaf's, which nobody can change."""
    rooms = collections.defaultdict(list)
    for record in records:
        if record.t != MESSAGE_POSTED:
            continue
        leaf = json.loads(record.leaf)
        if leaf['d'].get('kind', 'groupchat') != 'groupchat':
            continue
        parts = {p.kind: p.data for p in record.parts}
        message = Message(leaf['d'].get('stanza_id'), parts.get('body', b'').decode())
        stanza = parts.get('stanza')
        if stanza is not None and message_of(stanza) != message:
            message = Message(message.id, 'DIFFERENT IN LEAF OR BODY AND STANZA: ' + message.body)
        rooms[record.room].append(message)
    return dict(rooms)


# ---- the content database

def read_content(storage):
    """({room id: jid}, {room id: [(number, Message)]}, {room id: (number, hash)},
    {source: (sn, hash)}, {(source, sn): hash} of the outbox, rows of occupancy)"""
    def rows(query):
        return storage.rows('content', query)
    rooms = dict(rows('SELECT id, jid FROM room'))
    history = collections.defaultdict(list)
    for room, number, stanza in rows(
            'SELECT room_id, number, stanza FROM history ORDER BY room_id, number'):
        history[room].append((number, message_of(stanza)))
    heads = {room: (number, bytes.fromhex(hash_)) for room, number, hash_ in
             rows('SELECT room_id, number, hash FROM room_head')}
    sources = {source: (sn, bytes.fromhex(hash_)) for source, sn, hash_ in
               rows('SELECT source, sn, hash FROM source_head')}
    outbox = {(source, sn): bytes.fromhex(hash_) for source, sn, hash_ in
              rows('SELECT source, sn, leaf_hash FROM outbox')}
    occupancy = rows('SELECT count(*) AS there FROM occupancy')[0][0]
    return rooms, dict(history), heads, sources, outbox, occupancy


def agreement_problems(content, records, archive_heads):
    """Content and archive tell the same story after the server has drained."""
    rooms, history, room_heads, sources, outbox, occupancy = content
    problems = []
    # What was copied may wait there to be cleared at the next start; nothing may wait to be copied.
    archived_hashes = {(r.src, r.sn): r.hash for r in records}
    waiting = [key for key, hash_ in outbox.items() if archived_hashes.get(key) != hash_]
    if waiting:
        problems.append('%d rows of the outbox are not in the archive: %s' %
                        (len(waiting), waiting[:5]))
    if occupancy:
        problems.append('%d occupants are left in a server that is stopped' % occupancy)
    if sources != archive_heads:
        problems.append('heads of the sources differ between content and archive')
    archived = archived_messages(records)
    for room, jid in rooms.items():
        if [message for _, message in history.get(room, [])] != archived.get(room, []):
            problems.append('%s: history and archive differ' % jid)
    ends, numbers = {}, collections.defaultdict(dict)
    for record in records:
        leaf = json.loads(record.leaf)
        if 'rp' in leaf:
            ends[record.room] = (leaf['rn'], record.hash)
            numbers[record.room][leaf['rn']] = record
    for room, end in room_heads.items():
        if ends.get(room) != end:
            problems.append('%s: head differs between content and archive' % rooms.get(room, room))
    for room, messages in history.items():
        for number, _ in messages:
            record = numbers[room].get(number)
            if record is None or record.t != MESSAGE_POSTED:
                problems.append('room %s: number %d is no message in the archive' % (room, number))
    return problems


def presence_problems(records):
    """Whoever entered a room left it once, and nobody left who was not there."""
    problems = []
    inside = collections.Counter()
    for record in records:
        if record.t not in (201, 202):
            continue
        leaf = json.loads(record.leaf)
        key = record.room, leaf['a']['p'], leaf['a'].get('s')
        inside[key] += 1 if record.t == 201 else -1
        if inside[key] not in (0, 1):
            problems.append('archive %d: %s is inside %d times' % (record.seq, key, inside[key]))
    problems += ['%s never left' % (key,) for key, n in inside.items() if n > 0]
    return problems


def judge(visits, sent, content, records, archive_heads):
    """All problems of a run, as sentences."""
    rooms, history = content[0], content[1]
    by_jid = {rooms[room]: [m for _, m in messages] for room, messages in history.items()}
    shown = collections.defaultdict(set)
    for visit in visits:
        shown[visit.room].update(visit.past, visit.live)
    problems = visit_problems(visits, by_jid) + later_problems(visits)
    problems += sender_problems(sent, by_jid)
    archived = archived_messages(records)
    jids = {jid: room for room, jid in rooms.items()}
    for room, messages in shown.items():
        in_archive = archived.get(jids.get(room), [])
        problems += once_problems('archive of ' + room, in_archive)
        missing = messages - set(in_archive)
        if missing:
            problems.append('archive of %s lacks what was shown: %s' % (room, sorted(missing)[:5]))
    problems += chain_problems(records, archive_heads)
    problems += source_problems(records)
    problems += presence_problems(records)
    problems += agreement_problems(content, records, archive_heads)
    return problems
