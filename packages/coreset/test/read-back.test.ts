import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy, writeNpy } from '@coreset/core';
import { prune } from 'coreset';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { temporaryFolder } from '../../../test/support.ts';

const RUNS = 12;
const FILES = ['difficulty', 'neighbours', 'distances', 'duplicates', 'selection'];

/** Text of any kind, and numbers that a reader could round. */
const aRow = fc.record({
  note: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', "','", 'a\tb', '\\n', '=1+1', ' x ', 'NaN', 'null', '007'),
  ),
  whole: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(2 ** 53 - 1, -(2 ** 53) + 1, 0)),
  // Whole numbers beyond 2^53 are no fractions to the reader, and a column has one type.
  real: fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => Number.isSafeInteger(value) || !Number.isInteger(value))
    .map((value) => value + 0), // JSON has no −0
  flag: fc.boolean(),
});
const aCorpus = fc.tuple(
  fc.array(aRow, { minLength: 4, maxLength: 20 }),
  fc.constantFrom('jsonl', 'parquet', 'arrow', 'csv'),
  fc.nat(),
);

test('whatever the rows are, NumPy, pandas and pyarrow read what was written: numbers, picks, reasons and kept rows', async () => {
  const base = temporaryFolder();
  const runs: { folder: string; out: string; expected: object }[] = [];
  await fc.assert(
    fc.asyncProperty(aCorpus, async ([drawn, extension, seed]) => {
      const folder = join(base, String(runs.length));
      const rows = drawn.map((row, i) => ({ id: `r${i}`, ...row }));
      const input = `${folder}.jsonl`;
      writeFileSync(input, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const vectors = Float32Array.from({ length: rows.length * 3 }, (_, i) => Math.sin(seed + i * i) + 0.01);
      await writeNpy(`${folder}.npy`, vectors, [rows.length, 3]);
      const out = `${folder}.kept.${extension}`;
      await prune(input, { keep: 3, embeddings: `${folder}.npy`, runDir: folder, out, k: 2, prototypes: 2, seed });
      const arrays = FILES.map((name) => readNpy(join(folder, `${name}.npy`)));
      const { kept, order } = JSON.parse(readFileSync(join(folder, 'selection.json'), 'utf8'));
      runs.push({
        folder,
        out,
        expected: {
          arrays: arrays.map(({ data, shape }) => [
            shape,
            Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
          ]),
          order,
          dropped: rows.map(({ id }) => id).filter((_, i) => !kept.includes(i)),
          kept: kept.map((i: number) => rows[i]),
        },
      });
    }),
    { numRuns: RUNS },
  );
  const program = `
import json, sys, numpy as np, pandas as pd, pyarrow.parquet as pq, pyarrow.ipc as ipc, csv
found = []
for run in json.load(open(sys.argv[1])):
    folder, out = run['folder'], run['out']
    arrays = [np.load(f'{folder}/{name}.npy') for name in ${JSON.stringify(FILES)}]
    if out.endswith('jsonl'): kept = [json.loads(line) for line in open(out, encoding='utf8', newline='\\n')]
    elif out.endswith('parquet'): kept = pq.read_table(out).to_pylist()
    elif out.endswith('arrow'): kept = ipc.open_file(out).read_all().to_pylist()
    else:
        kept = list(csv.DictReader(open(out, encoding='utf8', newline='')))
        for row in kept: row.update(whole=int(row['whole']), real=float(row['real']), flag=row['flag'] == 'true')
    dropped = pd.read_json(f'{folder}/dropped.jsonl', lines=True, dtype=False)
    found.append(dict(arrays=[[list(a.shape), a.tobytes().hex()] for a in arrays], order=json.load(open(f'{folder}/selection.json'))['order'],
                      dropped=list(dropped['id']), kept=kept))
json.dump(found, sys.stdout)`;
  const list = join(base, 'runs.json');
  writeFileSync(list, JSON.stringify(runs));
  expect(JSON.parse(python(program, [list], base))).toEqual(runs.map(({ expected }) => expected));
});
