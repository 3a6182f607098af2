import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readNpyMatrix, squaredDistance, writeNpy } from '@coreset/core';
import { readGraph } from '@coreset/graph';
import { coverage } from '@coreset/metrics';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { beforeAll, describe, expect, test } from 'vitest';
import { readReportPage } from '../../../test/report-page.ts';
import { clusteredMatrix, coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const rows = corpusRows(300);
const input = join(folder, 'packages.jsonl');
const lines = rows.map((row) => `${JSON.stringify(row)}\n`);

interface SelectionFile {
  order: number[];
  kept: number[];
  gain: number[];
  weight: number[];
  dropped: { row: number; by: number | null; similarity: number | null }[];
}

function json<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function jsonLines(path: string): Record<string, unknown>[] {
  return readFileSync(join(folder, path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** How many rows there are of each reason. */
function countsOf(dropped: Record<string, unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of dropped) counts[reason as string] = (counts[reason as string] ?? 0) + 1;
  return counts;
}

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return coreset(args, { cwd: folder });
}

function hashes(directory: string): Record<string, string> {
  const files = readdirSync(directory).filter((name) => name !== 'manifest.json');
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex'),
    ]),
  );
}

beforeAll(() => {
  writeFileSync(input, lines.join(''));
});

describe('coreset prune on JSONL', () => {
  test('keeps the share asked for, lines unchanged, in input order, and says why the rest was dropped', () => {
    const { status, stdout, stderr } = run('prune', 'packages.jsonl', '--keep', '0.3', '--out', 'kept.jsonl', '--json');
    expect(stderr).toMatch(/embed: 300 of 300 \(100 %\), [\d,]+\/s/);
    expect(status).toBe(0);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ rows: 300, kept: 90, files: { kept: 'kept.jsonl', runDir: 'packages.coreset' } });
    expect(Object.keys(summary.seconds)).toEqual(['embed', 'difficulty', 'graph', 'select', 'map', 'write', 'report']);
    const { order, kept, dropped } = json<SelectionFile>(join(folder, 'packages.coreset/selection.json'));
    expect([...order].sort((a, b) => a - b)).toEqual(kept);
    expect(readFileSync(join(folder, 'kept.jsonl'), 'utf8')).toBe(kept.map((row) => lines[row]).join(''));
    expect(dropped.length).toBe(210);
    expect([...kept, ...dropped.map(({ row }) => row)].sort((a, b) => a - b)).toEqual(rows.map((_, i) => i));
    const reasons = jsonLines('packages.coreset/dropped.jsonl');
    expect(reasons.map(({ row, by, similarity }) => ({ row, by, similarity }))).toEqual(dropped);
    for (const { row, id, reason, by, byId, similarity } of reasons) {
      expect(id).toBe(rows[row as number].id);
      expect(['duplicate', 'near-duplicate', 'redundant', 'outranked']).toContain(reason);
      if (by === null) continue;
      expect(kept).toContain(by);
      expect(byId).toBe(rows[by as number].id);
      if (reason !== 'duplicate') expect((similarity as number) >= 0.9).toBe(reason === 'near-duplicate');
    }
    expect(summary.reasons).toEqual(countsOf(reasons));
  });

  test('tells rank, gain and weight of each pick, and no row is redundant that is far from the kept row', async () => {
    const { order, gain, weight } = json<SelectionFile>(join(folder, 'packages.coreset/selection.json'));
    const selected = jsonLines('packages.coreset/selected.jsonl');
    expect(selected).toEqual(
      order.map((row, p) => ({ row, id: rows[row].id, rank: p + 1, gain: gain[p], weight: weight[p] })),
    );
    const dropped = jsonLines('packages.coreset/dropped.jsonl');
    const standing = dropped.filter(({ by }) => by !== null).length;
    expect(weight.reduce((sum, one) => sum + one)).toBe(order.length + standing);
    const { rows: all, k, distances, representative } = readGraph(join(folder, 'packages.coreset'));
    const nearest = Array.from({ length: all }, (_, row) => row).filter((row) => representative[row] === row);
    const near = nearest.reduce((sum, row) => sum + distances[row * k] ** 2, 0) / nearest.length;
    const vectors = readNpyMatrix(join(folder, 'packages.coreset/embeddings.npy'));
    expect(vectors.rows).toBe(all);
    for (const { row, by, reason, similarity } of dropped) {
      if (by === null || reason === 'duplicate') continue;
      const square = squaredDistance(vectors.data, row as number, vectors.data, by as number, vectors.cols);
      // Vectors of length 1.
      expect(similarity).toBeCloseTo(1 - square / 2, 4);
      if (reason !== 'near-duplicate') expect(square <= near).toBe(reason === 'redundant');
    }
  });

  test('the least similarity of a near-duplicate is an option, and the reasons change with it alone', async () => {
    const args = ['prune', 'packages.jsonl', '--keep', '0.3', '--json', '--near-duplicate'];
    const { stdout } = run(...args, '0.4');
    expect(JSON.parse(stdout).reused).toEqual(['embed', 'difficulty', 'graph', 'map']);
    const reasons = jsonLines('packages.coreset/dropped.jsonl');
    expect(JSON.parse(stdout).reasons).toEqual(countsOf(reasons));
    for (const { reason, similarity } of reasons)
      if (reason !== 'duplicate') expect((similarity as number) >= 0.4).toBe(reason === 'near-duplicate');
    const page = await readReportPage(join(folder, 'packages.coreset/report.html'));
    expect(page.reasons[0]).toMatchObject({
      reason: 'near-duplicate',
      meaning: 'its similarity to a kept row is 0.4 or more',
    });
    expect(run(...args, '1.5')).toMatchObject({
      status: 2,
      stderr: 'coreset: --near-duplicate must be a number from 0 to 1, got 1.5\n',
    });
    run('prune', 'packages.jsonl', '--keep', '0.3');
  });

  test('the report page counts the reasons and has rows as data, never as HTML', async () => {
    const hostile = '<img src=x onerror="alert(1)"> & </td>';
    const texts = [...rows.slice(0, 40).map(({ text }) => text), hostile, hostile, hostile];
    writeFileSync(join(folder, 'hostile.jsonl'), texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
    const { status, stdout } = run('prune', 'hostile.jsonl', '--keep', '10');
    expect(status).toBe(0);
    expect(stdout).toContain('report    hostile.coreset/report.html (coreset show hostile.coreset)\n');
    const path = join(folder, 'hostile.coreset/report.html');
    expect(readFileSync(path, 'utf8').includes(hostile)).toBe(false);
    const { reasons, shown, kept, order } = await readReportPage(path);
    expect(kept).toBe(10);
    expect([...order]).toEqual(json<SelectionFile>(join(folder, 'hostile.coreset/selection.json')).order);
    const dropped = jsonLines('hostile.coreset/dropped.jsonl');
    const counted = Object.fromEntries(reasons.map(({ reason, count }) => [reason, count]));
    expect(counted).toEqual(countsOf(dropped));
    for (const { row, reason, by } of dropped as { row: number; reason: string; by: number | null }[]) {
      expect(reasons[shown.reason[row]].reason).toBe(reason);
      expect(shown.by[row]).toBe(by ?? -1);
    }
    expect(shown.texts?.at(-1)).toBe(hostile);
  });

  test('the summary and the page tell how well the picks cover the rows, beside as many at random', async () => {
    const { stdout } = run('prune', 'packages.jsonl', '--keep', '30%', '--json');
    const { meanDistance, files } = JSON.parse(stdout);
    const { order } = json<SelectionFile>(join(folder, files.selection));
    const { aucpr } = await coverage(readNpyMatrix(join(folder, 'packages.coreset/embeddings.npy')), order);
    expect(meanDistance.kept).toBeCloseTo(aucpr, 4);
    expect(meanDistance.random).toBeGreaterThan(meanDistance.kept);
    const page = await readReportPage(join(folder, files.report));
    expect(page.coverage.kept.at(-1)).toBe(meanDistance.kept);
    expect(page.coverage.random.at(-1)).toBe(meanDistance.random);
  });

  test('the stage commands give the same rows', () => {
    const stages = [
      ['embed', 'packages.jsonl', '--out', 'e.npy'],
      ['score', 'e.npy', '--out', 's.npy'],
      ['graph', 'e.npy', '--backend', 'exact', '--out', 'g'],
      ['select', '--graph', 'g', '--scores', 's.npy', '--keep', '30%', '--out', 'selection.json'],
    ];
    for (const args of stages) expect(run(...args)).toMatchObject({ status: 0 });
    const whole = json<SelectionFile>(join(folder, 'packages.coreset/selection.json'));
    const alone = json<SelectionFile & { dropped: { distance: number }[] }>(join(folder, 'selection.json'));
    const { data, cols } = readNpyMatrix(join(folder, 'e.npy'));
    const withoutNearness = ({ row, by }: SelectionFile['dropped'][0]): object => ({ row, by });
    expect({ ...alone, dropped: alone.dropped.map(withoutNearness) }).toEqual({
      ...whole,
      dropped: whole.dropped.map(withoutNearness),
    });
    let exact = 0;
    for (const { row, by, distance } of alone.dropped) {
      if (by === null) continue;
      const least = Math.sqrt(squaredDistance(data, row, data, by, cols));
      expect(distance).toBeGreaterThan(least - 1e-4);
      if (distance < least + 1e-4) exact++;
    }
    // But for the rows that only two edges lead to.
    expect(exact).toBeGreaterThan(0.9 * alone.dropped.length);
    run(...stages[3], '--embeddings', 'e.npy');
    expect(json(join(folder, 'selection.json'))).toEqual(whole);
  });

  test('so they do under the preset paper, and with options of D2, which imply it', () => {
    const options = ['--gamma-reverse', '0.3', '--kernel', 'gaussian'];
    const more = ['--scores', 's.npy', '--embeddings', 'e.npy'];
    run('graph', 'e.npy', '--k', '10', '--out', 'g10');
    for (const [name, ...chosen] of [
      ['a', '--preset', 'paper', ...options],
      ['b', ...options],
    ]) {
      expect(run('prune', 'packages.jsonl', '--keep', '60', '--run-dir', name, ...chosen).status).toBe(0);
      run('select', '--graph', 'g10', ...more, '--keep', '60', '--out', `${name}.json`, ...chosen);
      expect(json(join(folder, `${name}.json`))).toEqual(json(join(folder, name, 'selection.json')));
    }
    expect(json(join(folder, 'a.json'))).toEqual(json(join(folder, 'b.json')));
    run('select', '--graph', 'g', '--k', '10', ...more, '--keep', '60', '--out', 'c.json', ...options);
    expect(json(join(folder, 'c.json'))).toEqual(json(join(folder, 'a.json')));
  });

  test('any selector by name', () => {
    const kept = new Set<string>();
    for (const method of ['random', 'k-center', 'facility-location', 'semdedup', 'd2-per-class']) {
      const { status, stderr } = run(
        'prune',
        'packages.jsonl',
        '--keep',
        '20',
        '--run-dir',
        'm',
        '--method',
        method,
        ...(method === 'd2-per-class' ? ['--labels', 'section'] : []),
      );
      expect(status, stderr).toBe(0);
      const written = readFileSync(join(folder, 'm/kept.jsonl'), 'utf8');
      expect(written.trimEnd().split('\n').length).toBe(20);
      kept.add(written);
    }
    expect(kept.size).toBe(5); // each its own rows
    const select = ['select', '--embeddings', 'e.npy', '--keep', '20', '--out', 'k.json'];
    expect(run(...select, '--method', 'k-center').status).toBe(0);
    expect(json<SelectionFile>(join(folder, 'k.json')).order.length).toBe(20);
    expect(run(...select, '--method', 'ccs').stderr).toMatch('method ccs needs scores; give --scores FILE');
  });

  test('a second run uses every stage again; another keep selects anew; threads change no byte', () => {
    const again = run('prune', 'packages.jsonl', '--keep', '0.3', '--out', 'kept.jsonl', '--json');
    expect(JSON.parse(again.stdout).reused).toEqual(['embed', 'difficulty', 'graph', 'select', 'map']);
    const smaller = run('prune', 'packages.jsonl', '--keep', '30', '--json');
    expect(JSON.parse(smaller.stdout)).toMatchObject({ kept: 30, reused: ['embed', 'difficulty', 'graph', 'map'] });
    const { order } = json<SelectionFile>(join(folder, 'selection.json'));
    expect(json<SelectionFile>(join(folder, 'packages.coreset/selection.json')).order).toEqual(order.slice(0, 30));
    for (const threads of ['1', '4'])
      run('prune', 'packages.jsonl', '--keep', '30', '--threads', threads, '--run-dir', `threads ${threads}`);
    expect(hashes(join(folder, 'threads 1'))).toEqual(hashes(join(folder, 'packages.coreset')));
    expect(hashes(join(folder, 'threads 4'))).toEqual(hashes(join(folder, 'packages.coreset')));
  });

  test('a stage whose file was tampered with runs again', () => {
    writeFileSync(join(folder, 'packages.coreset/difficulty.npy'), 'nonsense');
    const { status, stdout } = run('prune', 'packages.jsonl', '--keep', '30', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).reused).toEqual(['embed', 'graph', 'select', 'map']);
  });

  test('standard input, with the summary for people', () => {
    const { status, stdout } = coreset(['prune', '-', '--keep', '10%', '--quiet'], {
      cwd: folder,
      input: lines.join(''),
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^kept +30 of 300 rows \(10 %\): stdin\.coreset\/kept\.jsonl\n/);
    expect(readFileSync(join(folder, 'stdin.coreset/kept.jsonl'), 'utf8').split('\n').length).toBe(31);
  });

  test('a wrong option is said before standard input is read', () => {
    const args = ['prune', '-', '--keep', '10%', '--gamma-forward', '-1', '--run-dir', 'unread'];
    const { status, stderr } = coreset(args, { cwd: folder, input: lines.join('') });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^coreset: --gamma-forward must be .*\n$/);
    expect(existsSync(join(folder, 'unread'))).toBe(false);
  });
});

describe('other formats keep their format and columns', () => {
  const texts = rows.slice(0, 40).map(({ text }) => text);

  test('CSV', () => {
    const quoted = texts.map((text, i) => `${i},"${text.replaceAll('"', '""')}",x`);
    writeFileSync(join(folder, 'a.csv'), `n,summary,z\r\n${quoted.join('\r\n')}\r\n`);
    expect(run('prune', 'a.csv', '--text', 'summary', '--keep', '4').status).toBe(0);
    const kept = readFileSync(join(folder, 'a.coreset/kept.csv'), 'utf8').trimEnd().split('\n');
    expect(kept[0]).toBe('n,summary,z\r');
    expect(kept.length).toBe(5);
    for (const line of kept.slice(1)) expect(quoted).toContain(line.trimEnd());
  });

  test('gzipped text', () => {
    writeFileSync(join(folder, 'lines.txt.gz'), gzipSync(`${texts.join('\n')}\n`));
    expect(run('prune', 'lines.txt.gz', '--keep', '0.1').status).toBe(0);
    expect(
      gunzipSync(readFileSync(join(folder, 'lines.coreset/kept.txt.gz')))
        .toString()
        .trimEnd()
        .split('\n').length,
    ).toBe(4);
  });

  test('Parquet', async () => {
    const columnData = [
      { name: 'text', data: texts, type: 'STRING' as const },
      { name: 'n', data: texts.map((_, i) => BigInt(i)), type: 'INT64' as const },
    ];
    writeFileSync(join(folder, 'p.parquet'), new Uint8Array(parquetWriteBuffer({ columnData })));
    expect(run('prune', 'p.parquet', '--keep', '4', '--out', 'kept.parquet').status).toBe(0);
    const kept = await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'kept.parquet')) });
    expect(kept.length).toBe(4);
    for (const { text, n } of kept) expect(texts[Number(n)]).toBe(text);
  });

  test('.npy embeddings, with scores from a file', async () => {
    const matrix = clusteredMatrix(80, 8);
    await writeNpy(join(folder, 'v.npy'), matrix.data, [80, 8]);
    writeFileSync(join(folder, 'scores.txt'), Array.from({ length: 80 }, (_, i) => i).join('\n'));
    expect(run('prune', 'v.npy', '--scores', 'scores.txt', '--keep', '8').status).toBe(0);
    const { kept } = json<SelectionFile>(join(folder, 'v.coreset/selection.json'));
    const vectors = readNpyMatrix(join(folder, 'v.coreset/kept.npy'));
    kept.forEach((row, i) => {
      expect(vectors.data.subarray(i * 8, i * 8 + 8)).toEqual(matrix.data.subarray(row * 8, row * 8 + 8));
    });
  });

  test('scores from a field', () => {
    const scored = rows.slice(0, 40).map((row, i) => JSON.stringify({ ...row, loss: i / 40 }));
    writeFileSync(join(folder, 'scored.jsonl'), scored.join('\n'));
    const args = ['prune', 'scored.jsonl', '--scores', 'loss', '--method', 'prototypes-hard', '--keep', '4'];
    expect(run(...args, '--out', 'hardest.jsonl').status).toBe(0);
    expect(readFileSync(join(folder, 'hardest.jsonl'), 'utf8').trimEnd().split('\n')).toEqual(scored.slice(-4));
  });
});

describe('coreset compare', () => {
  test('prints a table and writes JSON, CSV and plots', () => {
    const args = [
      'compare',
      'packages.jsonl',
      '--methods',
      'auto,random',
      '--keep',
      '0.1,60',
      '--labels',
      'section',
      '--seeds',
      '2',
    ];
    const { status, stdout, stderr } = run(...args, '--run-dir', 'compared');
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^keep 0\.1 +rows +accuracy ↑ +AUCpr ↓ +max radius ↓/m);
    expect(stdout).toMatch(/random +30 +0\.\d{3} ±0\.\d{3}/);
    const comparisons = json<{ method: string; kept: number; aucpr: { mean: number } }[]>(
      join(folder, 'compared/compare.json'),
    );
    expect(comparisons.map(({ method, kept }) => `${method} ${kept}`)).toEqual([
      'auto 30',
      'auto 60',
      'random 30',
      'random 60',
    ]);
    const aucpr = (name: string): number => comparisons.find(({ method }) => method === name)?.aucpr.mean ?? Number.NaN;
    expect(aucpr('auto')).toBeLessThan(aucpr('random'));
    expect(readFileSync(join(folder, 'compared/compare.csv'), 'utf8').split('\n')[0]).toMatch(
      /^method,keep,kept,accuracy,accuracy_deviation,aucpr,.*,accuracy_less_random,accuracy_less_random_error,aucpr_less_random/,
    );
    expect(readFileSync(join(folder, 'compared/compare-accuracy.svg'), 'utf8')).toMatch(
      /^<svg.*xmlns="http:\/\/www.w3.org\/2000\/svg"/,
    );
    expect(run('compare', 'e.npy', '--methods', 'best', '--keep', '0.1').stderr).toMatch("method 'best' is not known");
  });
});

describe('rows without text', () => {
  const mixed = [
    ...lines.slice(0, 20),
    '{"id":"x1","text":"  "}\n',
    '{"id":"x2"}\n',
    '{"id":"x3","text":7}\n',
    ...lines.slice(20, 40),
  ];

  beforeAll(() => {
    writeFileSync(join(folder, 'mixed.jsonl'), mixed.join(''));
  });

  test('stop the run by default, named', () => {
    const { status, stderr } = run('prune', 'mixed.jsonl', '--keep', '4', '--run-dir', 'unused');
    expect(status).toBe(2);
    expect(stderr).toMatch(/row 20 has no text, field 'text' is empty; mend it or choose --on-bad-row skip or keep/);
  });

  test('are skipped or kept when asked, and reported', () => {
    expect(run('prune', 'mixed.jsonl', '--keep', '4', '--on-bad-row', 'skip', '--out', 'skip.jsonl').status).toBe(0);
    const skipped = readFileSync(join(folder, 'skip.jsonl'), 'utf8').trimEnd().split('\n');
    expect(skipped.length).toBe(4);
    for (const line of skipped) expect(lines).toContain(`${line}\n`);
    expect(readFileSync(join(folder, 'mixed.coreset/dropped.jsonl'), 'utf8')).toContain(
      '{"row":21,"id":"x2","reason":"nothing to embed"}\n',
    );
    expect(run('prune', 'mixed.jsonl', '--keep', '7', '--on-bad-row', 'keep', '--out', 'keep.jsonl').status).toBe(0);
    expect(readFileSync(join(folder, 'keep.jsonl'), 'utf8')).toContain(mixed.slice(20, 23).join(''));
    expect(readFileSync(join(folder, 'keep.jsonl'), 'utf8').trimEnd().split('\n').length).toBe(7);
    const { kept } = json<SelectionFile>(join(folder, 'mixed.coreset/selection.json'));
    for (const row of kept) expect(mixed[row]).toMatch(/"section"/);
  });
});

describe('edges', () => {
  test('identical rows are kept once, with a notice when the budget asks for more', () => {
    writeFileSync(join(folder, 'same.txt'), 'the same\nthe   same \nthe same\n');
    const { status, stderr } = run('prune', 'same.txt', '--keep', '100%');
    expect(status).toBe(0);
    expect(stderr).toMatch(/note: kept 2 rows, fewer than the 3 asked for: the other 1 repeat one of them/);
    expect(readFileSync(join(folder, 'same.coreset/kept.txt'), 'utf8')).toBe('the same\nthe   same \n');
  });

  test('one row', () => {
    writeFileSync(join(folder, 'one.txt'), 'alone');
    const { status, stdout, stderr } = run('prune', 'one.txt', '--keep', '1');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^kept +1 of 1 row \(100 %\): one\.coreset\/kept\.txt\n/);
    expect(stderr).not.toMatch(/warning/i);
    expect(readFileSync(join(folder, 'one.coreset/kept.txt'), 'utf8')).toBe('alone');
  });
});

describe('bad input: one clear line, exit code 2, nothing half-written', () => {
  beforeAll(async () => {
    writeFileSync(join(folder, 'broken.jsonl'), `${lines[0]}{"text":\n`);
    writeFileSync(join(folder, 'empty.jsonl'), '');
    writeFileSync(join(folder, 'twice.jsonl'), lines[0] + lines[1] + lines[0]);
    writeFileSync(join(folder, 'short.txt'), '1\n2\n');
    writeFileSync(join(folder, 'not-numbers.txt'), 'a\n');
    await writeNpy(join(folder, 'nan.npy'), new Float32Array([1, 2, Number.NaN, 4]), [2, 2]);
    await writeNpy(join(folder, 'zero.npy'), new Float32Array([1, 2, 0, 0]), [2, 2]);
    await writeNpy(join(folder, 'flat.npy'), new Float32Array([1, 2, 3, 4]));
    await writeNpy(join(folder, 'ints.npy'), new Int32Array([1, 2, 3, 4]), [2, 2]);
    await writeNpy(join(folder, 'none.npy'), new Float32Array(0), [0, 4]);
  });

  test.each([
    ['missing file', ['prune', 'nowhere.jsonl', '--keep', '1'], /cannot read nowhere.jsonl: no such file/],
    ['a folder of several kinds', ['prune', '.', '--keep', '1'], /several files must be of one format/],
    [
      'missing field',
      ['prune', 'packages.jsonl', '--text', 'txt', '--keep', '1'],
      /no field 'txt' \(--text\); did you mean 'text'\? The fields are id, text, section/,
    ],
    ['broken JSON', ['prune', 'broken.jsonl', '--keep', '1'], /broken.jsonl, line 2: broken JSON/],
    ['no rows', ['prune', 'empty.jsonl', '--keep', '1'], /empty.jsonl: there are no rows/],
    [
      'duplicate ids',
      ['prune', 'twice.jsonl', '--id', 'id', '--keep', '1'],
      /rows 0 and 2 have the same id "389-ds-base"/,
    ],
    ['keep 1.5', ['prune', 'packages.jsonl', '--keep', '1.5'], /keep '1.5' is neither/],
    ['keep 0', ['prune', 'packages.jsonl', '--keep', '0'], /keep '0' keeps nothing/],
    ['keep more than N', ['prune', 'packages.jsonl', '--keep', '301'], /more than the 300 rows/],
    ['no keep', ['prune', 'packages.jsonl'], /say how much to keep: --keep/],
    [
      'k below 1',
      ['prune', 'packages.jsonl', '--keep', '3', '--k', '0'],
      /k must be a whole number of at least 1, got 0/,
    ],
    ['k no number', ['prune', 'packages.jsonl', '--keep', '3', '--k', 'ten'], /--k 'ten' is not a number/],
    [
      'prototypes below 1',
      ['prune', 'packages.jsonl', '--keep', '3', '--prototypes', '-2'],
      /prototypes must be a whole number/,
    ],
    [
      'negative gamma',
      ['prune', 'packages.jsonl', '--keep', '3', '--gamma-reverse', '-1'],
      /--gamma-reverse must be a number of at least 0, got -1/,
    ],
    [
      'an option that the method does not have',
      ['prune', 'packages.jsonl', '--keep', '3', '--method', 'random', '--lambda', '2'],
      /lambda means nothing to random; it is an option of graph-cut/,
    ],
    [
      'an option of D2 under the preset auto',
      ['prune', 'packages.jsonl', '--keep', '3', '--preset', 'auto', '--gamma-forward', '2'],
      /gammaForward means nothing to auto; it is an option of d2,/,
    ],
    [
      'cutoff above 1',
      ['prune', 'packages.jsonl', '--keep', '3', '--method', 'ccs', '--cutoff', '2'],
      /cutoff must be a share/,
    ],
    [
      'no labels',
      ['prune', 'packages.jsonl', '--keep', '3', '--method', 'd2-per-class'],
      /method d2-per-class needs labels; name a field or a file with --labels/,
    ],
    [
      'labels nowhere',
      ['prune', 'packages.jsonl', '--keep', '3', '--method', 'moderate', '--labels', 'sort'],
      /labels 'sort' is neither a file nor a field of packages.jsonl/,
    ],
    [
      'labels that the method does not look at',
      ['prune', 'packages.jsonl', '--keep', '3', '--labels', 'section'],
      /--labels means nothing to auto; it is used by d2-per-class, moderate/,
    ],
    [
      'scores that the method does not look at',
      ['prune', 'packages.jsonl', '--keep', '3', '--method', 'k-center', '--scores', 's.npy'],
      /--scores means nothing to k-center; it is used by auto, d2,/,
    ],
    [
      'prototypes beside scores',
      ['prune', 'packages.jsonl', '--keep', '3', '--scores', 's.npy', '--prototypes', '4'],
      /--prototypes means nothing beside --scores/,
    ],
    [
      'an option twice',
      ['prune', 'packages.jsonl', '--keep', '3', '--seed', '1', '--seed', '2'],
      /--seed is given twice; give it once/,
    ],
    ['unknown command with --help', ['nonsense', '--help'], /unknown command 'nonsense'/],
    [
      'no device',
      ['prune', 'packages.jsonl', '--keep', '3', '--device', 'abacus'],
      /device 'abacus' is not known; onnxruntime has here \(.*\): cpu/,
    ],
    [
      'unknown kernel',
      ['prune', 'packages.jsonl', '--keep', '3', '--kernel', 'box'],
      /Allowed choices are gaussian, exponential/,
    ],
    [
      'unknown option',
      ['prune', 'packages.jsonl', '--keep', '3', '--kep', '1'],
      /unknown option '--kep'; did you mean --keep\?/,
    ],
    ['unknown command', ['prone'], /unknown command 'prone'; did you mean prune\?/],
    [
      'unknown model',
      ['prune', 'packages.jsonl', '--keep', '3', '--model', './nope'],
      /model '.\/nope' is neither a folder here nor a hub id/,
    ],
    [
      'scores too few',
      ['prune', 'packages.jsonl', '--keep', '3', '--scores', 'short.txt'],
      /short.txt has 2 scores for 300 rows/,
    ],
    [
      'scores no numbers',
      ['prune', 'packages.jsonl', '--keep', '3', '--scores', 'not-numbers.txt'],
      /line 1: 'a' is not a finite number/,
    ],
    [
      'scores from a text field',
      ['prune', 'packages.jsonl', '--keep', '3', '--scores', 'text'],
      /row 0, field 'text' is .* not a finite score/,
    ],
    [
      'out is the input',
      ['prune', 'packages.jsonl', '--keep', '3', '--out', './packages.jsonl'],
      /is the input itself/,
    ],
    [
      'out is the folder of the input',
      ['prune', 'packages.jsonl', '--keep', '3', '--out', '.'],
      /packages.jsonl is the input itself/,
    ],
    [
      'out of embed in a file',
      ['embed', 'packages.jsonl', '--out', 'short.txt/x.npy'],
      /(short.txt is no folder|a part of the path is a file)/,
    ],
    [
      'cutoff of no method compared',
      ['compare', 'packages.jsonl', '--methods', 'auto,d2', '--cutoff', '0.1'],
      /cutoff means nothing to auto, d2; it is an option of d2-cutoff, ccs/,
    ],
    [
      'keep of compare more than N',
      ['compare', 'packages.jsonl', '--methods', 'random', '--keep', '0.1,301'],
      /more than the 300 rows/,
    ],
    [
      'out in a file',
      ['prune', 'packages.jsonl', '--keep', '3', '--out', 'short.txt/x.jsonl'],
      /cannot write short.txt\/x.jsonl/,
    ],
    ['NaN in embeddings', ['graph', 'nan.npy', '--out', 'never'], /nan.npy: row 1, column 0 is NaN/],
    ['a zero vector', ['prune', 'zero.npy', '--keep', '1'], /zero.npy: row 1 is all zeros/],
    ['one dimension', ['score', 'flat.npy', '--out', 'never.npy'], /two-dimensional array/],
    ['integers', ['score', 'ints.npy', '--out', 'never.npy'], /must be float32, .*these are int32/],
    ['no vectors', ['score', 'none.npy', '--out', 'never.npy'], /no rows or no columns/],
    ['not npy', ['score', 'packages.jsonl', '--out', 'never.npy'], /not a .npy file/],
    ['no graph', ['select', '--scores', 's.npy', '--keep', '3', '--out', 'never.json'], /a graph is needed/],
    [
      'graph folder missing',
      ['select', '--graph', 'nowhere', '--scores', 's.npy', '--keep', '3', '--out', 'never.json'],
      /cannot read nowhere\/neighbours.npy/,
    ],
  ])('%s', (_, args, message) => {
    const before = readFileSync(input);
    const { status, stdout, stderr } = run(
      ...args,
      ...(args[0] === 'prune' || args[0] === 'compare' ? ['--run-dir', 'bad run', '--quiet'] : []),
    );
    expect(stderr).toMatch(message);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('(')).length,
    ).toBe(1);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(readFileSync(input)).toEqual(before);
    for (const path of ['never', 'never.npy', 'never.json', 'bad run'])
      expect(existsSync(join(folder, path))).toBe(false);
  });

  test('no temporary file is left anywhere, also of a result that cannot be finished', () => {
    // Ids with a line break are found when others are written already.
    const broken = rows.slice(0, 40).map(({ id, text }, i) => JSON.stringify({ id: i < 39 ? id : 'a\nb', text }));
    writeFileSync(join(folder, 'broken.jsonl'), broken.join('\n'));
    const { status, stderr } = run('prune', 'broken.jsonl', '--keep', '100%', '--emit', 'ids', '--out', 'ids.txt');
    expect(status, stderr).toBe(2);
    expect(stderr).toMatch(/the id of row 39 has a line break/);
    expect(existsSync(join(folder, 'ids.txt'))).toBe(false);
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));
    expect(left).toEqual([]);
  });
});

test('help shows a worked example for the program and each command', () => {
  for (const command of [[], ['prune'], ['embed'], ['score'], ['graph'], ['select'], ['compare'], ['completion']]) {
    const { status, stdout } = run(...command, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n\\s+coreset ${command[0] ?? 'prune'} `));
  }
  expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('ten megabytes in one row, and deep JSON, are rows like others', () => {
  const long = JSON.stringify({ id: 'long', text: 'word '.repeat(2_000_000) });
  const deep = `{"id":"deep","text":"nested","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  writeFileSync(join(folder, 'large.jsonl'), `${long}\n${deep}\n${lines[0]}`);
  const { status, stderr } = run('prune', 'large.jsonl', '--keep', '3');
  expect(status, stderr).toBe(0);
  expect(readFileSync(join(folder, 'large.coreset/kept.jsonl'), 'utf8')).toBe(`${long}\n${deep}\n${lines[0]}`);
});
