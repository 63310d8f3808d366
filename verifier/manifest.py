# SPDX-License-Identifier: Apache-2.0
"""The manifest of an export."""
import re

from evidence import unbase64
from leaves import decode, encode, number_of_room


def read_manifest(text):
    """Its members, hashes of the tree as bytes; ValueError if it is none of version 1."""
    try:
        m = decode(text.decode())
        kinds = dict(number=int, first=int, last=int, events=int, size=int, origin=str, previous=str, root=str,
                     files=list)
        kinds.update(dict(left=list, right=list) if m['kind'] == 'range' else dict(room=str))
        for name, kind in kinds.items():
            if type(m[name]) is not kind:
                raise ValueError(name)
        if encode(m) + '\n' != text.decode() or m['v'] != 1 or m['kind'] not in ('range', 'room') or \
                (m['kind'] == 'room') != ('room' in m) or not 0 <= m['first'] <= m['last'] + 1 <= m['size'] or \
                not re.fullmatch('' if m['number'] == 1 else '[0-9a-f]{64}', m['previous']) or m['number'] < 1 or \
                sorted(file['name'] for file in m['files']) != ['checkpoint.note', 'events.jsonl'] or \
                any(set(file) != {'name', 'bytes', 'sha256'} for file in m['files']):
            raise ValueError('not a manifest of version 1')
        m['root'] = unbase64(m['root'], 32)
        if m['kind'] == 'room':
            number_of_room(m['room'])
        else:
            m['left'], m['right'] = ([unbase64(h, 32) for h in m[side]] for side in ('left', 'right'))
    except (KeyError, TypeError, AttributeError, RecursionError) as e:
        raise ValueError('no manifest: %r' % e) from e
    return m
