# SPDX-License-Identifier: Apache-2.0
"""verifier/verify.py against vectors.json: exports, proofs and a whole archive, as they are and tampered with."""
import contextlib
import io
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

VERIFIER = pathlib.Path(__file__).resolve().parents[2] / 'verifier'
sys.path.insert(0, str(VERIFIER))
import ed25519  # noqa: E402
import evidence  # noqa: E402
import make_vectors  # noqa: E402
import verify  # noqa: E402

VECTORS = json.loads((VERIFIER / 'vectors.json').read_text(encoding='utf-8'))
KEYS = [key['line'] for key in VECTORS['notes']['keys']]
NOT_EVIDENCE = ('README.txt', 'archive.pub')


def run(*arguments, key=0):
    """Exit status, findings (without informations), informations, the last line."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        status = verify.main([*map(str, arguments), '--jobs', '1', '--key', KEYS[key]])
    lines = said.getvalue().split('\n')[:-1]
    told = [json.loads(line) for line in lines if line.startswith('{')]
    assert len(told) >= len(lines) - 1
    return (status, [t for t in told if not t['information']], [t for t in told if t['information']],
            lines[-1] if lines else '')


def names(findings):
    return sorted({f['finding'] for f in findings})


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, folder):
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        whole = {name: text.encode() for name, text in folder['files'].items()}
        whole.update({name: bytes.fromhex(text) for name, text in folder.get('hex', {}).items()})
        for name, data in whole.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_bytes(data)
        return whole

    def tamper(self, edits):
        for edit in edits:
            path = self.folder / edit['file']
            text = path.read_bytes().decode('utf-8', 'surrogateescape') if path.exists() else ''
            if edit.get('gone'):
                path.unlink()
                continue
            if 'lines' in edit:
                lines = [line + '\n' for line in text.split('\n')]
                new = ''.join(lines[n] for n in edit['lines'])
            elif 'text' in edit:
                new = edit['text']
            else:
                new = text.replace(edit['old'], edit['new'], 1)
            self.assertNotEqual(new, text) if len(edits) == 1 else None
            path.write_bytes(new.encode('utf-8', 'surrogateescape'))

    def test_what_is_whole(self):
        for folder in VECTORS['folders']:
            with self.subTest(folder['name']):
                self.write(folder)
                status, findings, informations, last = run(self.folder)
                self.assertEqual((status, findings), (0, []))
                self.assertEqual([i['finding'] for i in informations], folder['information'])
                self.assertTrue(last.startswith('OK '), last)

    def test_tamperings(self):
        for folder in VECTORS['folders']:
            for tampering in folder['tamperings']:
                with self.subTest(folder['name'] + ': ' + tampering['name']):
                    self.write(folder)
                    self.tamper(tampering['edits'])
                    status, findings, _, last = run(self.folder, key=tampering.get('key', 0))
                    self.assertEqual((status, last), (1, '%d findings' % len(findings)))
                    self.assertLessEqual(set(tampering['findings']), set(names(findings)))

    def test_a_modified_leaf_is_the_only_one(self):
        for folder in VECTORS['folders']:
            for tampering in folder['tamperings']:
                if 'a byte of a leaf' in tampering['name']:
                    self.write(folder)
                    self.tamper(tampering['edits'])
                    modified = [f['seq'] for f in run(self.folder)[1] if f['finding'] == 'LEAF_MODIFIED']
                    self.assertEqual(modified, [4])

    def every_byte(self, folder, step):
        whole, tried = self.write(folder), 0
        for name, data in whole.items():
            if name in NOT_EVIDENCE:
                continue
            for at in range(0, len(data), step):
                for bit in (0x01, 0x20, 0x80):
                    changed = bytearray(data)
                    changed[at] ^= bit
                    (self.folder / name).write_bytes(changed)
                    status, findings, _, _ = run(self.folder)
                    self.assertEqual(status, 1, (name, at, bit))
                    part = name.rpartition('.')[0] if name.startswith('parts/') else name
                    self.assertTrue(any(part in f.get('where', '') for f in findings), (name, at, bit, findings))
                    tried += 1
            (self.folder / name).write_bytes(data)
        return tried

    def test_every_byte_of_a_proof(self):  # C30
        proofs = [f for f in VECTORS['folders'] if 'event.leaf' in f['files']]
        self.assertEqual(len(proofs), 4)
        self.assertGreater(self.every_byte(proofs[0], 1), 3000)
        self.every_byte(proofs[2], 1)

    def test_bytes_of_an_export(self):
        for name in ('a range', 'a room'):
            self.every_byte(next(f for f in VECTORS['folders'] if f['name'] == name), 17)

    def test_no_file_is_needless(self):
        for folder in VECTORS['folders']:
            for name in self.write(folder):
                if name in NOT_EVIDENCE:
                    continue
                self.write(folder)
                (self.folder / name).unlink()
                self.assertEqual(run(self.folder)[0], 1, name)

    def test_odd_members(self):
        """Whatever stands in a manifest that is signed, or in a line of it, it is told in words."""
        odd = (None, True, -1, 2**53, '', 'x', [], {}, [1], {'name': 1}, 1.5, ['AA=='])
        for folder in VECTORS['folders'][::2][:2]:  # a range, a room
            self.write(folder)
            files, manifest = folder['files'], json.loads(folder['files']['manifest.json'])
            for name in manifest:
                if name not in ('files', 'number', 'room' if manifest['kind'] == 'range' else 'left'):
                    self.odd_manifests(manifest, name, odd)
            first, rest = files['events.jsonl'].split('\n', 1)
            for name in json.loads(first):
                for value in odd:
                    line = make_vectors.canonical(dict(json.loads(first), **{name: value}))
                    made = make_vectors.signed_manifest(manifest, dict(files, **{'events.jsonl': line + '\n' + rest}))
                    for file in ('events.jsonl', 'manifest.json', 'manifest.note'):
                        (self.folder / file).write_bytes(made[file].encode())
                    self.assertEqual(run(self.folder)[0], 1, (name, value))

    def odd_manifests(self, manifest, name, odd):
        for value in odd:
            text = make_vectors.canonical(dict(manifest, **{name: value})) + '\n'
            (self.folder / 'manifest.json').write_bytes(text.encode())
            digest = make_vectors.sha256(text.encode()).hex()
            (self.folder / 'manifest.note').write_bytes(make_vectors.note('hansard-export-1\n%s\n%s\n' % (
                manifest['origin'], digest), make_vectors.KEYS[0]).encode())
            self.assertEqual(run(self.folder)[0], 0 if value == manifest[name] else 1, (name, value))

    def test_withheld_parts(self):  # C32
        folder = next(f for f in VECTORS['folders'] if f['name'] == 'two parts withheld')
        self.write(folder)
        self.assertIn('2 withheld', run(self.folder)[3])

    def test_by_itself(self):
        """A copy of the folder, run as a stranger runs it."""
        copy = self.folder / 'verifier'
        copy.mkdir()
        for path in VERIFIER.glob('*.py'):
            shutil.copy(path, copy)
        other = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, other)
        for name, text in VECTORS['folders'][0]['files'].items():
            (other / name).write_text(text, encoding='utf-8', newline='')
        (other / 'keys').write_text('\n' + KEYS[1] + '\n' + KEYS[0] + '\n')

        def status(*arguments):
            return subprocess.run([sys.executable, '-I', '-S', str(copy / 'run.py'), *map(str, arguments)],
                                  capture_output=True, timeout=60).returncode
        (copy / 'run.py').write_text('import sys\nsys.path.insert(0, %r)\nimport verify\n'
                                     'sys.exit(verify.main())\n' % str(copy))
        self.assertEqual(status(other, '--key', other / 'keys'), 0)
        self.assertEqual(status(other, '--key', other / 'keys', '--jobs', '3'), 0)
        self.assertEqual(status(other), 3)  # no key
        self.assertEqual(status(other / 'nothing', '--key', KEYS[0]), 3)
        self.assertEqual(status(other, '--key', 'nobody'), 2)
        self.assertEqual(status(other, '--key', KEYS[0].replace('+', '+0', 1)), 2)
        self.assertEqual(status('--key', KEYS[0]), 2)
        self.assertEqual(status(other, '--archive', 'x', '--key', KEYS[0]), 2)
        self.assertEqual(status('--archive', other / 'none.db', '--key', KEYS[0]), 3)
        (other / 'empty').touch()
        self.assertEqual(status(other, '--key', other / 'empty'), 3)


class Trees(unittest.TestCase):
    def test_roots(self):
        tree, roots = evidence.Tree(), {r['size']: r['root'] for r in VECTORS['trees']['roots']}
        for i in range(301):
            if i in roots:
                self.assertEqual(tree.root().hex(), roots[i])
            tree.push(evidence.leaf_hash(b'%d' % i))

    def test_paths(self):
        roots = {r['size']: r['root'] for r in VECTORS['trees']['roots']}
        for v in VECTORS['trees']['paths']:
            size, index, path = v['size'], v['index'], [bytes.fromhex(h) for h in v['path']]
            leaf = evidence.leaf_hash(b'%d' % index)
            self.assertEqual(evidence.root_of_path(index, size, leaf, path).hex() if size in roots else '',
                             roots.get(size, ''))
            self.assertIsNone(evidence.root_of_path(index, size, leaf, path + [leaf]))
            self.assertIsNone(evidence.root_of_path(size, size, leaf, path))
            if path:
                self.assertIsNone(evidence.root_of_path(index, size, leaf, path[:-1]))

    def test_notes(self):
        keys = [evidence.read_key(line) for line in KEYS]
        for v in VECTORS['notes']['good']:
            for n, key in enumerate(keys):
                text, signers = evidence.open_note(v['note'].encode(), dict([key]), Quiet(), '')
                self.assertEqual((text, bool(signers)), (v['text'], n in v['keys']))
        for v in VECTORS['notes']['bad']:
            quiet = Quiet()
            evidence.open_note(v['note'].encode(), dict([keys[v['key']]]), quiet, '')
            self.assertTrue(quiet.said, v['name'])

    def test_files_of_notes(self):
        for v in VECTORS['notes']['files']:
            with self.subTest(v['name']):
                notes, rest, broken = evidence.notes_in(v['file'].encode())
                self.assertEqual([note.decode() for note in notes], v['notes'])
                every = ''.join(note + '\n' for note in v['notes']).split()
                self.assertEqual(bool(broken or rest), v['file'].split() != every)

    def test_keys(self):
        line = KEYS[0]
        for bad in ('', 'a', line[:-1], line + '=', line.replace('+', '-'), line.replace('local', 'lokal'),
                    line[:line.index('+')] + '+00000000+' + line.split('+', 2)[2]):
            with self.assertRaises(ValueError):
                evidence.read_key(bad)


class Quiet:
    def __init__(self):
        self.said, self.signers, self.foreign = [], set(), set()

    def __call__(self, finding, *_, information=False, **__):
        if not information:
            self.said.append(finding)


if __name__ == '__main__':
    unittest.main()
