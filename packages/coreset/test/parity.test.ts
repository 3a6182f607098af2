import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coreset, ROOT, temporaryFolder } from '../../../test/support.ts';

const PARITY = join(ROOT, 'test/parity');
const folder = temporaryFolder();

const cases: Record<string, unknown>[] = JSON.parse(readFileSync(join(PARITY, 'cases.json'), 'utf8'));

test.each(cases)(
  "coreset select gives the published code's rows: $graph k=$k γr=$gamma_r $graph_mode $sampling_mode $budget",
  (example) => {
    const out = join(folder, 'selection.json');
    const args = [
      ['select', '--neighbours', join(PARITY, 'knn_neighbors.npy'), '--distances', join(PARITY, 'knn_distances.npy')],
      ['--scores', join(PARITY, 'scores.npy'), '--k', example.k, '--keep', example.budget, '--out', out],
      ['--gamma-reverse', example.gamma_r, '--aggregate', example.graph_mode, '--reverse', example.sampling_mode],
      ['--graph-edges', example.graph === 'symmetric' ? 'symmetric' : 'directed'],
    ];
    const { status, stderr } = coreset(args.flat().map(String));
    expect(status, stderr).toBe(0);
    const { kept, order, dropped } = JSON.parse(readFileSync(out, 'utf8'));
    expect(kept).toEqual([...(example.selected as number[])].sort((a, b) => a - b));
    expect([...order].sort((a: number, b: number) => a - b)).toEqual(kept);
    expect(kept.length + dropped.length).toBe(1200);
  },
);
