# SPDX-License-Identifier: Apache-2.0
"""Makes vectors.json by docs/archive-format.md alone: trees, paths, ranges, keys, notes, and a small archive
with what is exported of it, whole and tampered with. It shares no code with the server, nor with verify.py
but for Ed25519.

  make_vectors.py > vectors.json
  make_vectors.py --compare vectors.json    exit 1 if the file says anything else

A folder's `tamperings` each have `edits` to its files and the `findings` that must then be among those reported.
An edit of `file` is one of: `old`, `new`: the first occurrence is replaced; `lines`: the file now has these of
its lines, from 0; `text`: all of it is replaced; `gone`. `key`: the key that is trusted is another one."""
import base64
import hashlib
import json
import sys

import ed25519

NAME = 'localhost/archive/0123456789abcdef'
SIZES = [*range(20), 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, 300]


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


def canonical(value):
    # Whole numbers, booleans, ASCII keys: here json.dumps agrees with RFC 8785, short escapes included.
    return json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False)


# ---- Trees, straight from RFC 9162 §2.1

def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def mth(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b'')
    k = split(len(hashes))
    return sha256(b'\1' + mth(hashes[:k]) + mth(hashes[k:]))


def path(m, hashes):
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if m < k:
        return path(m, hashes[:k]) + [mth(hashes[k:])]
    return path(m - k, hashes[k:]) + [mth(hashes[:k])]


def beside(first, last, hashes):
    """The members left and right of a range export's manifest, as trees of the leaves they stand for."""
    left, right, at = [], [], 0
    for h in reversed(range(64)):
        if first >> h & 1:
            left.append(mth(hashes[at:at + 2**h]))
            at += 2**h
    at = last + 1
    while at < len(hashes):
        h = 0
        while at % 2**(h + 1) == 0 and at + 2**(h + 1) <= len(hashes):
            h += 1
        right.append(mth(hashes[at:at + 2**h]))
        at += 2**h
    return left, right


def trees():
    leaves = [sha256(b'\0' + b'%d' % i) for i in range(max(SIZES))]
    paths = [{'size': n, 'index': m, 'path': [h.hex() for h in path(m, leaves[:n])]}
             for n in (1, 2, 3, 5, 7, 8, 9, 13, 16, 17, 64, 100, 257, 300)
             for m in sorted({0, 1, n // 3, n // 2, n - 2, n - 1} & set(range(n)))]
    ranges = []
    for n in (1, 2, 7, 8, 13, 100, 257, 300):
        for first, last in sorted({(0, n - 1), (0, -1), (n, n - 1), (0, 0), (n // 2, n // 2), (n - 1, n - 1),
                                   (n // 3, n // 2), (1, n - 2), (n // 2, n // 2 - 1)}):
            if first <= last + 1 and last < n and first <= n:
                left, right = beside(first, last, leaves[:n])
                ranges.append({'size': n, 'first': first, 'last': last, 'left': [b64(h) for h in left],
                               'right': [b64(h) for h in right]})
    return {'leaves': 'leaf i is SHA-256 of 0x00 and i in decimal digits', 'paths': paths, 'ranges': ranges,
            'roots': [{'size': n, 'root': mth(leaves[:n]).hex()} for n in SIZES]}


# ---- Keys and notes

class Key:
    def __init__(self, name, seed):
        self.name, self.seed = name, seed
        self.data = b'\1' + ed25519.public_key(seed)
        self.id = sha256(name.encode() + b'\n' + self.data)[:4]
        self.line = '%s+%s+%s' % (name, self.id.hex(), b64(self.data))


KEYS = [Key(NAME, sha256(b'key 0')), Key(NAME, sha256(b'key 1')),
        Key('other.example/archive/' + 16 * '7', sha256(b'key 2'))]


def note(text, *keys):
    lines = ['— %s %s\n' % (key.name, b64(key.id + ed25519.sign(key.seed, text.encode()))) for key in keys]
    return text + '\n' + ''.join(lines)


def checkpoint(hashes, *keys, origin=NAME):
    return note('%s\n%d\n%s\n' % (origin, len(hashes), b64(mth(hashes))), *keys)


def files_of_notes():
    """Files of checkpoints, as they are after crashes in the middle of an append, and the notes that are in them."""
    leaves = [sha256(b'\0' + b'%d' % i) for i in range(300)]
    first, second, third = (checkpoint(leaves[:n], KEYS[0]) for n in (1, 100, 300))
    two = checkpoint(leaves[:200], KEYS[0], KEYS[1])
    half = two[:two.rindex('—')]
    files = [('one', first + '\n', [first]), ('with two keys', two + '\n' + third + '\n', [two, third]),
             ('without its last empty line', first + '\n' + second, [first]),
             ('a crash between two signatures', first + '\n' + half + '\n\n' + third + '\n', [first, half, third]),
             ('something else before', 'x\n\n' + first + '\n', [first])]
    size, root, empty, dash = (second.index(c) for c in ('\n100', b64(mth(leaves[:100])), '\n\n', '—'))
    for where, cut in (('the origin', 9), ('the size', size + 2), ('the root', root + 8),
                       ('before the empty line', empty), ('behind its line feed', empty + 1),
                       ('behind the empty line', dash), ('behind the dash', dash + 1), ('the name', dash + 9),
                       ('the signature', -12), ('a group of the signature', -9), ('the last line feed', -1)):
        torn, found = second[:cut], [second] if cut == -1 else []
        files += [('cut in ' + where, first + '\n' + torn, [first]),
                  ('cut in ' + where + ', and more', first + '\n' + torn + '\n\n' + third + '\n',
                   [first] + found + [third]),
                  ('cut in ' + where + ', twice', 2 * (torn + '\n\n') + third + '\n', 2 * found + [third])]
    return [{'name': name, 'file': text, 'notes': notes} for name, text, notes in files]


def notes():
    root, two = [sha256(b'\0a')], [sha256(b'\0a'), sha256(b'\0b')]
    good = [('a checkpoint', checkpoint(root, KEYS[0]), [0]), ('of an empty tree', checkpoint([], KEYS[0]), [0]),
            ('while a key takes over', checkpoint(two, KEYS[0], KEYS[1]), [0, 1]),
            ('after a loss', checkpoint(two, KEYS[1], origin=NAME + '/2'), [1]),
            ('a text that is no checkpoint', note('a\n\nb\n', KEYS[0]), [0])]
    text = good[0][1]
    bad = [('another size', text.replace('\n1\n', '\n2\n')), ('another name', text.replace('— local', '— lokal')),
           ('no empty line', text.replace('\n\n', '\n')), ('no line feed at the end', text[:-1]),
           ('a hyphen', text.replace('—', '-')), ('no signature', text[:text.index('—')]),
           ('half a signature', text[:-9] + '\n'), ('an empty line more', text.replace('\n\n', '\n\n\n')),
           ('base64 without its end', text[:-3] + '\n'), ('two spaces', text.replace('— ', '—  '))]
    return {'keys': [{'name': k.name, 'seed': k.seed.hex(), 'id': k.id.hex(), 'line': k.line} for k in KEYS],
            'good': [{'name': name, 'note': text, 'text': text[:text.rindex('\n\n') + 1], 'keys': keys}
                     for name, text, keys in good],
            'bad': [{'name': name, 'note': text, 'key': 0} for name, text in bad], 'files': files_of_notes()}


# ---- A small archive

class Archive:
    def __init__(self):
        self.leaves, self.hashes, self.parts, self.sources, self.rooms = [], [], [], {}, {}

    def add(self, source, t, d, parts=(), room=None, read=False):
        i = len(self.leaves)
        sn, sp = self.sources.get(source, (0, bytes(32)))
        salts = [sha256(b'salt %d %d' % (i, n)) for n in range(len(parts))]
        leaf = {'v': 1, 'src': source, 'sn': sn + 1, 'sp': b64(sp), 'id': '0198c7c2-0000-7000-8000-%012x' % i, 't': t,
                'ts': 1763812345678901 + 1000 * i, 'mono': 5000 + 1000 * i, 'boot': 'b7f1', 'd': d,
                'parts': [{'n': n, 'k': kind, 'sz': len(data.encode()),
                           'c': b64(sha256(b'arc-part-v1\0' + salts[n] + data.encode()))}
                          for n, (kind, data) in enumerate(parts)]}
        if room:
            rn, rp = self.rooms.get(room, (0, bytes(32)))
            leaf.update(room=room, rn=rn if read else rn + 1,
                        a={'p': 'p-bf2033be6cb49215', 's': 's-1', 'af': 2, 'ro': 2})
            if not read:
                leaf['rp'] = b64(rp)
        text = canonical(leaf)
        digest = sha256(b'\0' + text.encode())
        self.sources[source] = sn + 1, digest
        if room and not read:
            self.rooms[room] = leaf['rn'], digest
        self.leaves.append(text)
        self.hashes.append(digest)
        self.parts.append([(kind, salts[n], data) for n, (kind, data) in enumerate(parts)])
        return digest

    def line(self, seq, erased=(), proof=False):
        parts = [{'n': n, 'erased': True} if (seq, n) in erased else {'n': n, 'salt': b64(salt), 'data': data}
                 for n, (_, salt, data) in enumerate(self.parts[seq])]
        line = {'seq': seq, 'leaf': self.leaves[seq], 'parts': parts}
        if proof:
            line['proof'] = [b64(h) for h in path(seq, self.hashes)]
        return canonical(line) + '\n'


A, B = 'r-0019ac2f00112233', 'r-f019ac2f00112234'


def message(text, n):
    return [('body', text), ('stanza', '<message><body>%s</body></message>' % text), ('origin_id', 'o-%d' % n)]


def small_archive():
    a, said = Archive(), {'kind': 'groupchat', 'keep': True, 'stanza_id': 'abc'}
    a.add('n1.1', 606, {'version': '0.1.0'})
    a.add('n1.1', 601, {'action': 'added', 'admin': True}, [('localpart', 'romeo')])
    a.add('n1.1', 501, {'settings': []}, [('room', 'balcony@chat.localhost'), ('full_jid', 'romeo@localhost/o')], A)
    a.add('n1.1', 201, {'history_n': 0}, [('nick', 'Romeo'), ('full_jid', 'romeo@localhost/o')], A)
    a.add('n1.1', 101, said, message('But, soft!', 1), A)
    a.add('n1.1', 501, {'settings': []}, [('room', 'street@chat.localhost')], B)
    a.add('n1.1', 401, {'via': 'mam', 'first_rn': 3, 'last_rn': 3, 'n': 1}, [('full_jid', 'romeo@localhost/o')], A,
          read=True)
    a.add('n1.1', 101, said, message('a"b\\c/d\n\u0001\u007f é 漢 \U0001f600 \u2028', 2), A)
    end = a.add('n1.1', 607, {'cause': 'SIGTERM'})
    a.add('n1.2', 606, {'version': '0.1.0', 'previous': {'source': 'n1.1', 'last_sn': 9, 'hash': end.hex()}})
    a.add('n1.2', 101, said, message('A plague', 3), B)
    a.add('n1.2', 101, said, message('Thus with a kiss', 4), A)
    a.add('n1.2', 202, {'cause': 'leave', 'synthesised': False}, [('nick', 'Romeo')], A)
    return a


def signed_manifest(manifest, files):
    """The files with a manifest over them as they are now, and its note."""
    manifest = dict(manifest, files=[{'name': name, 'bytes': len(files[name].encode()),
                                      'sha256': sha256(files[name].encode()).hex()}
                                     for name in ('checkpoint.note', 'events.jsonl')])
    text = canonical(manifest) + '\n'
    signed = 'hansard-export-1\n%s\n%s\n' % (manifest['origin'], sha256(text.encode()).hex())
    return dict(files, **{'manifest.json': text, 'manifest.note': note(signed, KEYS[0])})


def export(a, number, previous, first, last, room=None, erased=()):
    chosen = [n for n in range(first, last + 1) if not room or json.loads(a.leaves[n]).get('room') == room]
    of_chain = [n for n in chosen if '"rp"' in a.leaves[n]]
    lines = [a.line(n, erased, bool(room) and (n not in of_chain or n == of_chain[-1])) for n in chosen]
    manifest = {'v': 1, 'number': number, 'previous': previous, 'origin': NAME, 'kind': 'room' if room else 'range',
                'first': first, 'last': last, 'events': len(lines), 'size': len(a.hashes), 'root': b64(mth(a.hashes))}
    if room:
        manifest['room'] = room
    else:
        manifest['left'], manifest['right'] = ([b64(h) for h in side] for side in beside(first, last, a.hashes))
    files = {'events.jsonl': ''.join(lines), 'checkpoint.note': checkpoint(a.hashes, KEYS[0]),
             'archive.pub': KEYS[0].line + '\n', 'README.txt': 'See docs/archive-format.md.\n'}
    return manifest, signed_manifest(manifest, files)


def lines_of(text):
    return [line + '\n' for line in text.split('\n')[:-1]]  # U+2028 ends no line


def edit(name, findings, file='events.jsonl', **how):
    return {'name': name, 'findings': findings, 'edits': [dict({'file': file}, **how)]}


def anew(name, findings, manifest, files, lines, **members):
    """A tampering by somebody who has the key and signs a new manifest over what is there now."""
    made = signed_manifest(dict(manifest, **members), dict(files, **{'events.jsonl': ''.join(lines)}))
    return {'name': name + ', and a new manifest', 'findings': findings,
            'edits': [{'file': f, 'text': made[f]} for f in ('events.jsonl', 'manifest.json', 'manifest.note')]}


def tamperings(a, manifest, files):
    """What happens to exports of either kind. Event 4 is the third line of both, a message with three parts."""
    lines = lines_of(files['events.jsonl'])
    n, room, whole = len(lines), 'room' in manifest, list(range(len(lines)))
    # name, the lines that are left, what shows it without the manifest
    orders = [('a line removed', whole[:2] + whole[3:], ['ROOM_GAP'] if room else ['SEQ_GAP', 'SRC_GAP', 'ROOM_GAP']),
              ('two lines swapped', whole[:1] + [2, 1] + whole[3:], ['SEQ_GAP', 'ROOM_GAP' if room else 'SRC_GAP']),
              ('a line twice', whole[:3] + whole[2:], ['SEQ_GAP', 'ROOM_GAP' if room else 'SRC_DUP']),
              ('the last line cut', whole[:-1], ['ROOT_MISMATCH'])]
    for name, kept, findings in orders:
        cut = ['TRUNCATED'] if kept == whole[:-1] else findings
        yield edit(name, ['FILE_MODIFIED'] + cut, lines=kept)
        members = {} if room or kept != whole[:-1] else {'last': manifest['last'] - 1}
        yield anew(name, findings, manifest, files, [lines[i] for i in kept], events=len(kept), **members)
    salt = b64(a.parts[4][0][1])
    part = '{"data":"But, soft!","n":0,"salt":"%s"}' % salt
    changes = [('a byte of a leaf', ['LEAF_MODIFIED'], '\\"stanza_id\\":\\"abc', '\\"stanza_id\\":\\"abd'),
               ('a leaf that is not canonical', ['LEAF_MODIFIED'], '\\"t\\":101', '\\"t\\": 101'),
               ('a leaf with a fraction', ['LEAF_MODIFIED'], '\\"t\\":101', '\\"t\\":101.0'),
               ('a part changed', ['PART_MODIFIED'], part, part.replace('soft', 'hard')),
               ('a salt changed', ['PART_MODIFIED'], part, part.replace(salt, b64(bytes(32)))),
               ('a part removed', ['PART_MISSING'], part + ',', ''),
               ('a part too many', ['PART_MODIFIED'], part, part + ',' + part.replace('"n":0', '"n":7')),
               ('another seq', ['SEQ_GAP'], '"seq":4', '"seq":2')]
    for name, findings, old, new in changes:
        assert old in lines[2]
        yield edit(name, ['FILE_MODIFIED'] + findings, old=lines[2], new=lines[2].replace(old, new))
        yield anew(name, findings, manifest, files, lines[:2] + [lines[2].replace(old, new)] + lines[3:])
    if room:
        path = json.loads(lines[-1])['proof']
        bare = canonical({k: v for k, v in json.loads(lines[-1]).items() if k != 'proof'}) + '\n'
        yield anew('no path', ['ROOT_MISMATCH'], manifest, files, lines[:-1] + [bare])
        yield anew('another path', ['ROOT_MISMATCH'], manifest, files,
                   lines[:-1] + [lines[-1].replace(path[0], path[1], 1)])
        yield anew('another room', ['PROJECTION_MISMATCH'], manifest, files, lines, room=B)
    else:
        turned = manifest['left'][:-1] + [b64(bytes(32))]
        yield anew('another hash beside', ['ROOT_MISMATCH'], manifest, files, lines, left=turned)
        yield anew('a hash too many', ['ROOT_MISMATCH'], manifest, files, lines, right=manifest['right'] + turned)
    for file in ('events.jsonl', 'manifest.json', 'manifest.note', 'checkpoint.note'):
        yield edit('no ' + file, ['FILE_MISSING'], file, gone=True)
    yield edit('a checkpoint of another size', ['FILE_MODIFIED', 'CKPT_INCONSISTENT'], 'checkpoint.note',
               text=checkpoint(a.hashes[:-1], KEYS[0]))
    yield edit('another root', ['FILE_MODIFIED', 'CKPT_INCONSISTENT', 'CKPT_SIG_BAD'], 'checkpoint.note',
               old=b64(mth(a.hashes)), new=b64(mth(a.hashes[:-1])))
    for name in ('v', 'number', 'previous', 'last'):
        value = manifest[name]
        other = '5a' * 32 if name == 'previous' else value + 1
        yield edit(name + ' changed', ['FILE_MODIFIED'], 'manifest.json', old=canonical({name: value})[1:-1],
                   new=canonical({name: other})[1:-1])
    signature = files['manifest.note'].splitlines()[-1]
    yield edit('the signature of something else', ['CKPT_SIG_BAD'], 'manifest.note', old=signature,
               new=note('x\n', KEYS[0]).splitlines()[-1])
    yield {'name': 'wrong key', 'key': 1, 'findings': ['KEY_UNKNOWN'], 'edits': []}


def bundle(a, seq, withheld=()):
    text = 'c2sp.org/tlog-proof@v1\nindex %d\n' % seq + ''.join(b64(h) + '\n' for h in path(seq, a.hashes))
    files = {'event.leaf': a.leaves[seq], 'event.tlog-proof': text + '\n' + checkpoint(a.hashes, KEYS[0]),
             'archive.pub': KEYS[0].line + '\n', 'README.txt': 'See docs/archive-format.md.\n'}
    salts = {}
    for n, (_, salt, data) in enumerate(a.parts[seq]):
        if n not in withheld:
            files['parts/%d.data' % n], salts['parts/%d.salt' % n] = data, salt.hex()
    return files, salts


def tampered_bundle(a, seq):
    proof = 'event.tlog-proof'
    whole, first, second = bundle(a, seq)[0][proof], *(b64(h) for h in path(seq, a.hashes)[:2])
    yield edit('a byte of the leaf', ['ROOT_MISMATCH'], 'event.leaf', old='abc', new='abd')
    yield edit('a leaf that is not canonical', ['LEAF_MODIFIED'], 'event.leaf', old=':101', new=': 101')
    yield edit('no leaf', ['FILE_MISSING'], 'event.leaf', gone=True)
    yield edit('no proof', ['FILE_MISSING'], proof, gone=True)
    yield edit('a part changed', ['PART_MODIFIED'], 'parts/1.data', old='body', new='Body')
    yield edit('a salt is missing', ['PART_MISSING'], 'parts/1.salt', gone=True)
    yield edit('a part too many', ['PART_MISSING'], 'parts/7.data', text='hi')
    yield edit('a step of the path twice', ['ROOT_MISMATCH'], proof, old=first, new=first + '\n' + first)
    yield edit('a step of the path missing', ['ROOT_MISMATCH'], proof, old=first + '\n', new='')
    yield edit('two steps alike', ['ROOT_MISMATCH'], proof, old=first, new=second)
    yield edit('another index', ['ROOT_MISMATCH'], proof, old='index %d' % seq, new='index %d' % (seq + 1))
    yield edit('an index beyond', ['ROOT_MISMATCH'], proof, old='index %d' % seq, new='index %d' % len(a.hashes))
    yield edit('another version', ['FILE_MODIFIED'], proof, old='@v1', new='@v2')
    yield edit('a checkpoint of another size', ['ROOT_MISMATCH'], proof,
               text=whole[:whole.index('\n\n') + 2] + checkpoint(a.hashes[:-1], KEYS[0]))
    yield edit('a checkpoint changed', ['CKPT_SIG_BAD'], proof, old='\n%d\n' % len(a.hashes), new='\n14\n')
    yield {'name': 'wrong key', 'key': 1, 'findings': ['KEY_UNKNOWN'], 'edits': []}


def folders(a):
    found = []
    previous = ''
    for number, (name, first, last, room, erased, information) in enumerate([
            ('a range', 2, 10, None, (), []), ('all', 0, 12, None, ((7, 1),), ['PART_REDACTED']),
            ('a room', 0, 12, A, (), []), ('a room from the middle', 5, 12, A, ((7, 0),), ['PART_REDACTED']),
            ('an empty range', 5, 4, None, (), []), ('an empty range at the end', 13, 12, None, (), [])], 1):
        manifest, files = export(a, number, previous, first, last, room, erased)
        previous = sha256(files['manifest.json'].encode()).hex()
        found.append({'name': name, 'files': files, 'information': information,
                      'tamperings': list(tamperings(a, manifest, files)) if name in ('a range', 'a room') else []})
    for name, seq, withheld in (('a message', 4, ()), ('two parts withheld', 7, (0, 1)), ('the first event', 0, ()),
                                ('the last event', 12, ())):
        files, salts = bundle(a, seq, withheld)
        more = list(tampered_bundle(a, seq)) if seq == 4 else []
        if withheld:
            more = [{'name': 'a text that was not said', 'findings': ['PART_MODIFIED'], 'edits': [
                {'file': 'parts/0.data', 'text': 'I never said that'},
                {'file': 'parts/0.salt', 'text': 'a salt of thirty-two characters.'}]}]
        found.append({'name': name, 'files': files, 'hex': salts, 'tamperings': more,
                      'information': ['PART_REDACTED'] * len(withheld)})
    return found


def make():
    a = small_archive()
    points = [checkpoint(a.hashes[:n], KEYS[0]) for n in (3, 9, 13)]
    return {'trees': trees(), 'notes': notes(), 'folders': folders(a), 'archive': {
        'events': [{'leaf': leaf, 'hash': digest.hex(), 'parts': [
            {'kind': kind, 'salt': salt.hex(), 'data': data} for kind, salt, data in parts]}
            for leaf, digest, parts in zip(a.leaves, a.hashes, a.parts)],
        'checkpoints': points, 'published': ''.join(p + '\n' for p in points)}}


def main():
    text = json.dumps(make(), indent=1, ensure_ascii=True) + '\n'
    if sys.argv[1:2] != ['--compare']:
        sys.stdout.write(text)
        return
    with open(sys.argv[2], encoding='utf-8') as file:
        kept = file.read()
    if kept != text:
        sys.exit('%s is not what make_vectors.py makes' % sys.argv[2])


if __name__ == '__main__':
    main()
