# SPDX-License-Identifier: Apache-2.0
"""What a leaf says by itself, and how leaves follow each other: each holds the hash of the one before it
in its source, and in its room."""
import binascii
import collections
import functools
import hashlib
import json
import re

from evidence import Tree, leaf_hash

ZERO = 'A' * 43 + '='
LIMIT = 2**53 - 1


def whole(text):
    number = int(text)
    if abs(number) > LIMIT:
        raise ValueError('a number that is too large')
    return number


def base64(data):
    return binascii.b2a_base64(data, newline=False).decode()


def refuse(text):
    raise ValueError('%s: not a whole number' % text)


decode = json.JSONDecoder(parse_int=whole, parse_float=refuse, parse_constant=refuse).decode
# Keys are ASCII, numbers whole: here this is the form of RFC 8785.
encode = json.JSONEncoder(sort_keys=True, separators=(',', ':'), ensure_ascii=False, check_circular=False).encode


@functools.lru_cache(maxsize=4096)
def number_of_room(room):
    """A room's id as SQL has it; ValueError if it is none."""
    if not re.fullmatch('r-[0-9a-f]{16}', room):
        raise ValueError('no room')
    number = int(room[2:], 16)
    return number - 2**64 if number >= 2**63 else number


def read_leaf(data):
    """The members of a leaf; ValueError, KeyError or TypeError if it is none."""
    text = data.decode()
    leaf = decode(text)
    if encode(leaf) != text:
        raise ValueError('not in RFC 8785 form')
    if len(data) > 65535 or leaf['v'] != 1 or leaf['sn'] < 1:
        raise ValueError('not a leaf of version 1')
    if not type(leaf['src']) is type(leaf['id']) is type(leaf['boot']) is str or type(leaf['d']) is not dict or \
            leaf['t'] + leaf['ts'] + leaf['mono'] < 0:
        raise ValueError('members of the wrong kind')
    if (leaf['sp'] == ZERO) != (leaf['sn'] == 1):
        raise ValueError('sp does not fit sn')
    if 'room' in leaf:
        number_of_room(leaf['room'])
        if leaf['rn'] < 0 or 'rp' in leaf and (leaf['rp'] == ZERO) != (leaf['rn'] == 1):
            raise ValueError('rp does not fit rn')
    elif 'rn' in leaf or 'rp' in leaf:
        raise ValueError('a number without a room')
    return leaf


def check_parts(leaf, parts):
    """What is wrong with the parts {n: (salt, data)} of a leaf; None stands for what was erased."""
    for n, named in enumerate(leaf['parts']):
        if n != named['n']:
            yield 'LEAF_MODIFIED', 'its parts are not numbered in order', False
        elif n not in parts:
            yield 'PART_MISSING', 'part %d (%s) is not there' % (n, named['k']), False
        else:
            salt, data = parts[n]
            if salt is None:
                yield 'PART_REDACTED', 'part %d (%s) is not given: only its commitment is here' % (n, named['k']), True
                continue
            made = hashlib.sha256(b'arc-part-v1\0' + salt + data).digest()
            if len(salt) != 32 or len(data) != named['sz'] or \
                    base64(made) != named['c']:
                yield 'PART_MODIFIED', 'part %d (%s) is not what the leaf commits to' % (n, named['k']), False
    for n in parts:
        if not 0 <= n < len(leaf['parts']):
            yield 'PART_MODIFIED', 'part %s, which the leaf does not have' % n, False


# source and room are links: name, number, hash of the one before or None where the leaf cannot be relied on.
# Hashes in it are base64, as in leaves, but for `hash`.
Event = collections.namedtuple('Event', 'seq hash source room lost previous proof problems')


def examine(seq, data, parts, proof=None, stored=None, room=None):
    source = place = lost = previous = None
    digest = leaf_hash(data)
    try:
        leaf = read_leaf(data)
        problems = list(check_parts(leaf, parts))
        source = leaf['src'], leaf['sn'], leaf['sp']
        if 'rp' in leaf:
            place = leaf['room'], leaf['rn'], leaf['rp']
        if room and leaf.get('room') != room:
            problems.append(('PROJECTION_MISMATCH', 'the leaf is not about this room', False))
        t, d = leaf['t'], leaf['d']
        if t == 612 and d['older'] == 'archive':
            lost = str(d['source']), 0 + d['lost_first_sn'], 0 + d['lost_last_sn']
        elif t == 606 and 'previous' in d:
            d = d['previous']
            previous = str(d['source']), 0 + d['last_sn'], d['hash']
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        leaf = source = place = None
        problems = [('LEAF_MODIFIED', 'no leaf: %r' % e, False)]
    event = Event(seq, digest, source, place, lost, previous, proof, problems)
    return against_columns(event, leaf, *stored) if stored else event


def against_columns(event, leaf, digest, columns):
    src, sn, _, _, _, room, rn = columns
    if digest != event.hash.hex().encode():
        event.problems.append(('LEAF_MODIFIED', 'its bytes have not the hash that stands beside them', False))
        if not re.fullmatch(b'[0-9a-f]{64}', digest):
            return event
        # What stands in the leaf counts no more; the chains and the tree go on with what stands beside it.
        leaf, event = None, event._replace(hash=bytes.fromhex(digest.decode()), lost=None, previous=None)
    if leaf is None:
        if type(src) is not bytes or type(sn) is not int or not {type(room), type(rn)} <= {int, type(None)}:
            return event._replace(source=None, room=None)
        return event._replace(source=(src.decode('utf-8', 'replace'), sn, None),
                              room=('r-%016x' % (room % 2**64), rn, None) if room is not None and rn else None)
    room = number_of_room(leaf['room']) if 'room' in leaf else None
    if columns != (leaf['src'].encode(), leaf['sn'], leaf['id'].encode(), leaf['t'], leaf['ts'], room, leaf.get('rn')):
        event.problems.append(('PROJECTION_MISMATCH', 'the columns beside the leaf say something else', False))
    return event


class Chain:
    def __init__(self, seq, number, digest):
        self.first, self.seen, self.denied = number, bytearray(), None
        self.go(seq, number, digest)

    def go(self, seq, number, digest):
        self.seq, self.number, self.digest = seq, number, digest
        self.hash = base64(digest)
        self.seen += digest[:4]


class Chains:
    def __init__(self, report, what, names, complete):
        self.report, self.what, self.complete = report, what, complete
        self.gap, self.twice, self.fork = names
        self.chains, self.gaps = {}, []  # gaps: (name, first, last, seq before, seq behind)

    def follow(self, seq, digest, name, number, before):
        """Whether this leaf has its place there; before is None if the leaf cannot be relied on."""
        chain = self.chains.get(name)
        if before is None and self.what == 'room' and number != (chain.number + 1 if chain else 1):
            return True  # it may be of those that have no place in the chain
        if chain is None:
            self.chains[name] = Chain(seq, number, digest)
            if number > 1:
                self.gaps.append((name, 1, number - 1, None, seq))
        elif number == chain.number + 1:
            if before is not None and before != chain.hash:
                # Who is denied by the next one and denies the one before has been changed itself.
                chain.denied = chain.seq if chain.denied is None else self.accuse(chain.seq, name)
            elif chain.denied is not None:
                chain.denied = self.accuse(chain.denied, name)
            chain.go(seq, number, digest)
        elif number > chain.number:
            self.gaps.append((name, chain.number + 1, number - 1, chain.seq, seq))
            self.settle(name)
            self.chains[name] = Chain(seq, number, digest)
        else:
            at = 4 * (number - chain.first)
            if at < 0:
                self.report(self.gap, '%s %s: %d comes behind %d' % (self.what, name, number, chain.number), seq)
            elif chain.seen[at:at + 4] == digest[:4]:
                self.report(self.twice, '%s %s: %d comes twice' % (self.what, name, number), seq)
            else:
                self.report(self.fork, '%s %s: another %d' % (self.what, name, number), seq)
            return False
        return True

    def accuse(self, seq, name):
        self.report('LEAF_MODIFIED', 'the next leaf of %s %s holds another hash of this one' % (self.what, name), seq)

    def settle(self, name):
        if self.chains[name].denied is not None:
            self.chains[name].denied = self.accuse(self.chains[name].denied, name)

    def finish(self, excuse):
        for name in self.chains:
            self.settle(name)
        for gap in self.gaps:
            name, first, last, before, behind = gap
            if before is None and not self.complete:
                continue
            known = excuse(gap)
            self.report(self.gap, '%s %s: %d to %d are not here%s' % (self.what, name, first, last, known and
                        ': ' + known), behind, information=bool(known))


class Events:
    """Everything that follows from leaves in the order of seq; archive: of the archive itself, not of a copy that
    was given away, from which a part may be kept back."""
    def __init__(self, report, first, room=None, archive=False):
        self.report, self.room, self.expected, self.count, self.torn = report, room, first, 0, False
        self.archive, self.erased = archive, []
        self.tree, self.marks, self.lost, self.starts = Tree(), {}, [], []
        self.sources = Chains(report, 'source', ('SRC_GAP', 'SRC_DUP', 'SRC_FORK'), first == 0)
        self.rooms = Chains(report, 'room', ('ROOM_GAP',) * 3, first == 0 and not room)

    def add(self, event, made=None):
        seq, self.count = event.seq, self.count + 1
        if seq != self.expected and (not self.room or seq < self.expected):
            self.torn = True
            self.report('SEQ_GAP', '%s comes where %d should' % (seq, self.expected), seq)
        self.expected = seq + 1
        for problem in event.problems:
            if self.archive and problem[0] == 'PART_REDACTED':
                self.erased.append((seq, problem))
            else:
                self.report.part(seq, problem)
        self.tree.push(event.hash, 0, made)
        placed = self.room or not event.source or self.sources.follow(seq, event.hash, *event.source)
        if placed and event.room:
            self.rooms.follow(seq, event.hash, *event.room)
        if event.lost:
            self.lost.append(event.lost + (seq,))
        if event.previous:
            self.starts.append((seq,) + event.previous)

    def excuse_source(self, gap):
        fits = any(gap[0] == name and a <= gap[1] and gap[2] <= b for name, a, b, _ in self.lost)
        return 'an older copy of the archive was put back, as 612 says' if fits else ''

    def excuse_room(self, gap):
        name, first, last, before, _ = gap
        if before is None and self.starts and self.starts[0][0] == 0:
            return 'the archive began later than the server'
        if last - first < sum(b - a + 1 for _, a, b, seq in self.lost if (before or 0) < seq):
            return 'an older copy of the archive was put back, as 612 says'
        return ''

    @staticmethod
    def excuse_erased(seq, problem):
        return ''  # no event of this version says that a part was erased

    def finish(self):
        for seq, problem in self.erased:
            if not self.excuse_erased(seq, problem):
                problem = 'PART_MISSING', problem[1] + ', and no event says that it was erased', False
            self.report.part(seq, problem)
        for seq, name, last, digest in self.starts:
            chain = self.sources.chains.get(name)
            if chain is None and seq > 0:
                self.sources.gaps.append((name, 1, last, None, seq))
            elif chain and chain.number < last:
                self.sources.gaps.append((name, chain.number + 1, last, chain.seq, seq))
            elif chain and chain.number == last and chain.digest.hex() != digest:
                self.sources.accuse(chain.seq, name)
        if not self.room:
            self.sources.finish(self.excuse_source)
        self.rooms.finish(self.excuse_room)
