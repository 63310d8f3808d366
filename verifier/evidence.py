# SPDX-License-Identifier: Apache-2.0
"""Signed notes (c2sp.org/signed-note), checkpoints (c2sp.org/tlog-checkpoint) and the tree under them
(RFC 9162 §2.1)."""
import binascii
import collections
import hashlib
import re

import ed25519


def unbase64(text, size=None):
    """Only the one way of writing these bytes, and only so many of them."""
    data = binascii.a2b_base64(text.encode('ascii'))
    if binascii.b2a_base64(data, newline=False).decode() != text or (size is not None and len(data) != size):
        raise ValueError('not base64 of %s bytes' % size)
    return data


def read_key(line):
    """(name, id) and the key of a line NAME+ID+KEY."""
    name, ident, text = line.split('+', 2)
    data = unbase64(text, 33)
    if data[0] != 1 or ident != hashlib.sha256(name.encode() + b'\n' + data).hexdigest()[:8] or not name:
        raise ValueError('not an Ed25519 key with its id')
    return (name, bytes.fromhex(ident)), data[1:]


def open_note(note, keys, report, where):
    """The text of a signed note (bytes) and the names of who signed it; what is wrong with it is reported."""
    try:
        text, empty, lines = note.decode().rpartition('\n\n')
        if not empty or not lines.endswith('\n') or re.search('[\0-\x09\x0b-\x1f\x7f]', text):
            raise ValueError('it has not the form of one')
        signatures = [re.fullmatch('— ([^ +]+) (.+)', line).groups() for line in lines[:-1].split('\n')]
        signatures = [(name, unbase64(data)) for name, data in signatures]
    except (ValueError, AttributeError) as e:
        report('CKPT_SIG_BAD', 'no signed note: %s' % e, where=where)
        return None, set()
    text, names, strangers, bad = text + '\n', set(), [], False
    for name, data in signatures:
        key = keys.get((name, data[:4]))
        if key is None:
            strangers.append('%s+%s' % (name, data[:4].hex()))
        elif ed25519.verify(key, text.encode(), data[4:]):
            names.add(name)
            report.signers.add('%s+%s' % (name, data[:4].hex()))
        else:
            bad = True
            report('CKPT_SIG_BAD', 'the signature of %s is not over this text' % name, where=where)
    if not names and not bad:
        report('KEY_UNKNOWN', 'only signed by %s' % ', '.join(strangers), where=where)
    elif set(strangers) - report.foreign:
        report('KEY_UNKNOWN', 'also signed by %s' % ', '.join(strangers), where=where, information=True)
    report.foreign.update(strangers)
    return text, names


def is_whole(note):
    """Whether it has the form of a signed note, each signature as long as one of Ed25519."""
    _, empty, lines = note.rpartition(b'\n\n')
    if not empty or not lines.endswith(b'\n') or lines.count(b'\n') > 64:
        return False
    for line in lines[:-1].split(b'\n'):
        found = re.fullmatch('— ([^ +\t]+) (.+)'.encode(), line)
        try:
            if not found or len(unbase64(found[2].decode('ascii'))) < 68:
                return False
        except ValueError:
            return False
    return True


def notes_in(data):
    """The notes of a file to which they were appended, each followed by an empty line; what stands behind the last;
    and how many pieces before are no notes. One that a crash cut short ends nowhere: it is given up where, behind
    an empty line, something begins that is no signature."""
    notes, broken, note, behind = [], 0, b'', 'nothing'
    *lines, rest = data.split(b'\n')
    for line in lines:
        signature = line.startswith('— '.encode())
        if not line and behind == 'signature':
            whole = is_whole(note)
            notes += [note] * whole
            broken += not whole
            note = b''
        elif not line:
            note += b'\n' if note else b''
        else:
            if behind == 'nothing' and not signature and note:
                broken, note = broken + 1, b''
            note += line + b'\n'
        behind = 'signature' if signature else 'text' if line else 'nothing'
    return notes, note + rest, broken


Checkpoint = collections.namedtuple('Checkpoint', 'origin size root where')


def open_checkpoint(note, keys, report, where):
    text, names = open_note(note, keys, report, where)
    if text is None:
        return None
    try:
        origin, size, root, *_ = text[:-1].split('\n')  # what else a checkpoint says is read over
        if not re.fullmatch('0|[1-9][0-9]{0,15}', size):
            raise ValueError('no size')
        root = unbase64(root, 32)
    except ValueError as e:
        report('CKPT_SIG_BAD', 'no checkpoint: %s' % e, where=where)
        return None
    if names and not any(re.fullmatch(re.escape(name) + '(/[1-9][0-9]*)?', origin) for name in names):
        report('CKPT_INCONSISTENT', 'signed by %s, of %s' % (', '.join(names), origin), where=where)
    return Checkpoint(origin, int(size), root, where)


def leaf_hash(leaf):
    return hashlib.sha256(b'\0' + leaf).digest()


def node(left, right):
    return hashlib.sha256(b'\1' + left + right).digest()


class Tree:
    """Of what was pushed only the roots of the complete subtrees, largest first: (height, hash)."""
    def __init__(self):
        self.stack, self.size = [], 0

    def push(self, digest, height=0, made=None):
        stack = self.stack
        self.size += 1 << height
        while stack and stack[-1][0] == height:
            digest = node(stack.pop()[1], digest)
            height += 1
            if made is not None:
                made.append((height, digest))
        stack.append((height, digest))

    def root(self):
        if not self.stack:
            return hashlib.sha256(b'').digest()
        digest = self.stack[-1][1]
        for _, left in self.stack[-2::-1]:
            digest = node(left, digest)
        return digest


def root_of_path(index, size, digest, path):
    """RFC 9162 §2.1.3.2; None if this is no path of that leaf."""
    if index >= size:
        return None
    last = size - 1
    for other in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            digest = node(other, digest)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            digest = node(digest, other)
        index, last = index >> 1, last >> 1
    return digest if last == 0 else None
