import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError, writeNpy } from '@coreset/core';
import { CommanderError } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix, temporaryFolder } from '../../../test/support.ts';
import { WORDS, writeTinyTextModel } from '../../../test/tiny-text-model.ts';
import { program } from '../dist/cli/program.js';

const base = temporaryFolder();
const at = (name: string): string => join(base, name);
const ROWS = 24;
const words = (i: number): string => [0, 1, 2, 3].map((n) => WORDS[(i * (n + 3) + n) % WORDS.length]).join(' ');

beforeAll(async () => {
  writeTinyTextModel(at('model'));
  writeTinyTextModel(at('bare'));
  writeFileSync(at('bare/modules.json'), JSON.stringify([{ type: 'a.Transformer', path: '' }]));
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    id: `r${i}`,
    text: words(i),
    title: words(i * 7 + 1),
    messages: [
      { role: 'user', content: words(i) },
      { role: 'assistant', content: words(i + 5) },
    ],
    vector: [i, (i * i) % 7, 1 / (i + 1)],
    class: i % 3,
    score: 1 + ((i * 5) % 11),
    first: i < 3,
  }));
  writeFileSync(at('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  writeFileSync(
    at('others.jsonl'),
    rows
      .slice(3, 6)
      .map(({ vector }) => `${JSON.stringify({ vector })}\n`)
      .join(''),
  );
  writeFileSync(at('few.txt'), '3\n11\n');
  writeFileSync(at('classes.txt'), rows.map((row) => `${row.class}\n`).join(''));
  writeFileSync(at('other-classes.txt'), rows.map((_, i) => `${i % 2}\n`).join(''));
  writeFileSync(at('scores.txt'), rows.map((row) => `${row.score}\n`).join(''));
  const { data } = clusteredMatrix(ROWS, 6);
  await writeNpy(at('vectors.npy'), data, [ROWS, 6]);
  await writeNpy(at('other.npy'), data.toReversed(), [ROWS, 6]);
  writeFileSync(at('other-scores.txt'), rows.map((row) => `${(row.score * 3) % 7}\n`).join(''));
  mkdirSync(at('graph'));
  await command(['graph', at('vectors.npy'), '--k', '4', '--out', at('graph')], at('graph'));
  await command(['prune', at('rows.jsonl'), '--run-dir', at('run'), '--vector', 'vector', '--keep', '8']);
});

/** Options by their flags; true where there is no value. */
type Flags = Record<string, string | true>;

/** What an option is tried with: a value, options that it has to stand beside, and those in whose place it stands. */
interface Trial {
  value?: string;
  beside?: Flags;
  instead?: string[];
  /** Options of the command that do not go with it. */
  without?: string[];
}

const D2: Flags = { '--method': 'd2' };
const OF_D2_VARIANT: Flags = { '--method': 'd2-cutoff' };
/** Texts of the tiny model are all alike, these vectors are not. */
const VECTORS: Flags = { '--vector': 'vector', '--keep': '2' };
const TEXTS = ['--text', '--model'];
const OPTIONS: Record<string, Trial> = {
  '--text': { value: 'title' },
  '--template': { value: '{title}: {text}', instead: ['--text'] },
  '--turns': { value: 'user', beside: { '--text': 'messages' } },
  '--image': { value: 'nothing', instead: ['--text'] },
  '--image-folder': { value: 'nothing' },
  '--vector': { value: 'vector', instead: ['--text', '--model'] },
  '--embeddings': { value: at('other.npy'), instead: ['--text', '--model'] },
  '--member': { value: 'nothing' },
  '--id': { value: 'nothing' },
  '--on-bad-row': { value: 'nothing' },
  '--delimiter': { value: ';' },
  '--encoding': { value: 'nothing' },
  '--input-format': { value: 'csv' },
  '--against': { value: at('others.jsonl'), beside: VECTORS, without: TEXTS },
  '--against-similarity': { value: '0.999', beside: { ...VECTORS, '--against': at('others.jsonl') }, without: TEXTS },
  '--toward': { value: at('nothing') },
  '--away': { value: at('nothing') },
  '--base': { value: at('nothing') },
  '--model': { value: 'nothing' },
  '--dtype': { value: 'fp32' },
  '--device': { value: 'nothing' },
  '--pooling': { value: 'cls' },
  '--normalise': { beside: { '--model': at('bare') } },
  '--no-normalise': {},
  '--prefix': { value: 'cats ' },
  '--max-tokens': { value: '4' },
  '--long': { value: 'mean', beside: { '--max-tokens': '4' } },
  '--batch-size': { value: '0' },
  '--cache': { value: 'vectors' },
  '--cache-size': { value: '5', beside: { '--cache': 'vectors' } },
  '--difficulty': { value: 'aum', without: ['--scores'] },
  '--prototypes': { value: '2' },
  '--metric': { value: 'cosine' },
  '--backend': { value: 'nothing' },
  '--iterations': { value: '0' },
  '--k': { value: '2' },
  '--seed': { value: '7', beside: { '--method': 'random' }, without: ['--scores', '--embeddings'] },
  '--seeds': { value: '1' },
  '--preset': { value: 'paper' },
  '--method': { value: 'random' },
  '--methods': { value: 'd2' },
  '--labels': { value: at('classes.txt'), beside: { '--method': 'moderate' } },
  '--scores': { value: at('scores.txt'), beside: D2 },
  '--difficulty-weight': { value: '0.9' },
  '--lambda': { value: '2', beside: { '--method': 'graph-cut' } },
  '--gamma-forward': { value: '50', beside: D2 },
  '--gamma-reverse': { value: '50', beside: D2 },
  '--kernel': { value: 'gaussian', beside: { ...D2, '--gamma-forward': '30' } },
  '--aggregate': { value: 'mean', beside: D2 },
  '--reverse': { value: 'nothing', beside: D2 },
  '--graph-edges': { value: 'nothing', beside: D2 },
  '--below-zero': { value: 'nothing', beside: OF_D2_VARIANT },
  '--duplicates': { value: 'nothing' },
  '--near-duplicate': { value: '1' },
  '--map': { value: 'pca' },
  '--strata': { value: '3', beside: { '--method': 'ccs' } },
  '--cutoff': { value: '0.3', beside: { '--method': 'ccs' } },
  '--keep': { value: '5' },
  '--include': { value: 'first' },
  '--exclude': { value: 'first' },
  '--max-similarity': { value: '0.9999' },
  '--prefer': { value: 'score:desc' },
  '--balance': { value: 'class' },
  '--group-minimum': { value: '3', beside: { '--balance': 'class:proportional' } },
  '--cost': { value: 'score' },
  '--out': { value: 'other' },
  '--emit': { value: 'ids' },
  '--run-dir': { value: 'elsewhere' },
  '--graph': { value: 'nothing' },
  '--neighbours': { value: 'nothing' },
  '--distances': { value: 'nothing' },
  '--threads': { value: '0' },
  '--json': {},
  '--row': {},
  '--format': { value: 'nothing' },
  '--quiet': {},
  '--verbose': {},
  '--help-all': {},
};

/** Of single commands. */
const OF_COMMANDS: Record<string, Trial> = {
  // Few rows have no approximate neighbours, which alone depend on it.
  'graph --seed': { value: '-1' },
  'score --labels': { value: at('classes.txt'), beside: { '--difficulty': 'el2n' }, instead: ['--prototypes'] },
  'select --include': { value: at('few.txt') },
  'select --exclude': { value: at('few.txt') },
  'select --prefer': { value: at('scores.txt'), beside: { '--embeddings': at('vectors.npy') } },
  'select --balance': { value: at('classes.txt') },
  'select --group-minimum': {
    value: '3',
    beside: { '--balance': `${at('classes.txt')}:proportional` },
  },
  'select --cost': { value: at('scores.txt') },
  'select --max-similarity': { value: '0.9', beside: { '--embeddings': at('vectors.npy') } },
  'select --near-duplicate': {
    value: '0.5',
    beside: { '--prefer': at('scores.txt'), '--embeddings': at('vectors.npy') },
  },
  'select --embeddings': { value: at('other.npy') },
  'explain --id': {},
};

const ROWS_FILE = at('rows.jsonl');
const EMBED: Flags = { '--text': 'text', '--model': at('model') };
/** Each command with its input and what it needs. */
const COMMANDS: Record<string, [string | string[] | undefined, Flags]> = {
  prune: [ROWS_FILE, { '--keep': '8', ...EMBED }],
  embed: [ROWS_FILE, { '--out': 'vectors.npy', ...EMBED }],
  score: [at('vectors.npy'), { '--out': 'scores.npy', '--prototypes': '4' }],
  graph: [at('vectors.npy'), { '--out': 'graph', '--k': '4' }],
  select: [
    undefined,
    {
      '--graph': at('graph'),
      '--scores': at('other-scores.txt'),
      '--keep': '8',
      '--out': 'selection.json',
    },
  ],
  explain: [[at('run'), 'r3', '3'], {}],
  export: [at('run'), { '--format': 'csv', '--out': 'rows.csv' }],
  compare: [
    ROWS_FILE,
    {
      '--keep': '8',
      '--methods': 'random,ccs,moderate',
      '--labels': at('other-classes.txt'),
      '--seeds': '2',
      ...EMBED,
    },
  ],
};

interface Outcome {
  /** Hash of all that was written. */
  written: string;
  refused?: string;
}

/** Run a command in this process, in a folder of its own. */
async function command(args: string[], folder = mkdtempSync(at('run '))): Promise<Outcome> {
  const here = process.cwd();
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  const hash = createHash('sha256');
  process.chdir(folder);
  const times = /\d+(\.\d+)? (ms|s|min)\b|"seconds":\{[^}]*\}/g;
  for (const stream of streams)
    stream.write = (text: string | Uint8Array) => {
      hash.update(stream === process.stdout ? String(text).replace(times, '') : text.length > 0 ? 'said' : '');
      return true;
    };
  try {
    await program().parseAsync(['node', 'coreset', ...args]);
    for (const entry of readdirSync('.', { recursive: true, withFileTypes: true }).sort()) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !/manifest\.json|report\.html/.test(path)) hash.update(path).update(readFileSync(path));
    }
    return { written: hash.digest('hex') };
  } catch (error) {
    if (!CoresetError.isInstance(error) && !(error instanceof CommanderError)) throw error;
    return { written: '', refused: error.message };
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = writes[i];
    process.chdir(here);
  }
}

function argumentsOf(input: string | string[] | undefined, flags: Flags): string[] {
  return [
    ...(input === undefined ? [] : [input].flat()),
    ...Object.entries(flags).flatMap(([flag, value]) => (value === true ? [flag] : [flag, value])),
  ];
}

const commands = program().commands.map((one) => ({
  name: one.name(),
  flags: one.options.map(({ long }) => long as string),
}));

test('plan takes what prune takes', () => {
  const flagsOf = (name: string): string[] | undefined => commands.find((one) => one.name === name)?.flags;
  expect(flagsOf('plan')).toEqual(flagsOf('prune'));
});

// plan takes what prune takes, and show opens a browser.
describe.each(commands.filter(({ name, flags }) => name !== 'plan' && name !== 'show' && flags.length > 0))(
  '$name',
  ({ name, flags }) => {
    const known = new Map<string, Outcome>();

    test.each(flags)('%s counts, or is refused by name', async (flag) => {
      const trial = OF_COMMANDS[`${name} ${flag}`] ?? OPTIONS[flag];
      expect(trial, `say above what ${flag} does`).toBeDefined();
      const { value, beside = {}, instead = [], without = [] } = trial;
      const [input, needed] = COMMANDS[name];
      const possible = Object.entries({ ...needed, ...beside }).filter(
        ([other]) => flags.includes(other) && ![...instead, ...without].includes(other),
      );
      const plain = Object.fromEntries(possible);
      const replaced = Object.entries(needed).filter(([other]) => instead.includes(other));
      const withoutTrial = { ...Object.fromEntries(replaced), ...plain };
      const key = JSON.stringify(withoutTrial);
      const before = known.get(key) ?? (await command([name, ...argumentsOf(input, withoutTrial)]));
      known.set(key, before);
      const after = await command([name, ...argumentsOf(input, { ...plain, [flag]: value ?? true })]);
      if (after.refused === undefined) {
        expect(before.refused, 'the command without the option').toBeUndefined();
        expect(after.written, `${flag} changes nothing and is not refused`).not.toBe(before.written);
        return;
      }
      expect(after.refused).not.toMatch(/[\r\n]/);
      const names = [flag.replace(/^--(no-)?/, ''), value ?? flag];
      expect(
        names.some((word) => after.refused?.includes(word)),
        `${flag} is refused, but not by name: ${after.refused}`,
      ).toBe(true);
    });
  },
);
