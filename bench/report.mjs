// Writes docs/benchmarks.md from the JSON that the other scripts left in bench/results.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ROOT } from './support.mjs';

const RESULTS = `${ROOT}bench/results`;

const seconds = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
const ratio = (value) => value.toFixed(2);
const count = (value) => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** One section per kind of result; `script` is what makes it. */
const SECTIONS = [
  {
    prefix: 'graph-',
    script: 'node bench/graph.mjs EMBEDDINGS.npy ROWS',
    render: ({ rows, cols, k, figures, exactToFlat, ratio: toBest, bestRival }) => [
      `### Neighbours of ${count(rows)} × ${cols}, k = ${k}`,
      table(
        ['search', 'time', 'recall'],
        figures.map(({ name, seconds: s, recall, scaled }) => [
          name,
          seconds(s) + (scaled ? ' *' : ''),
          recall.toFixed(3),
        ]),
      ),
      `At recall ≥ 0.99: **${ratio(toBest)} ×** the fastest rival (${bestRival}).` +
        (exactToFlat ? ` Exact: **${ratio(exactToFlat)} ×** faiss flat.` : ''),
      ...(figures.some(({ scaled }) => scaled) ? ['\\* scaled up from 10,000 of the rows; building in full.'] : []),
    ],
  },
  {
    prefix: 'jsonl',
    script: 'node bench/jsonl.mjs',
    render: ({ rows }) => [
      '### One field of 1,000,000 JSONL rows (200 MB)',
      table(
        ['reader', 'time', 'memory', 'coreset : reader'],
        rows.map(({ name, seconds: s, megabytes, ratio: toReader }) => [
          name,
          seconds(s),
          `${count(megabytes)} MB`,
          ratio(toReader),
        ]),
      ),
      'DuckDB reads on all cores and, in the last line, makes no string of the host language of the texts. Of the time of ' +
        'coreset most is `JSON.parse` of each line: to parse a block of lines at once is no faster.',
    ],
  },
  {
    prefix: 'growth',
    script: 'node bench/growth.mjs EMBEDDINGS.npy ROWS ROWS …',
    render: ({ figures, exponent }) => [
      '### Approximate neighbours of ever more rows of one corpus, k = 10',
      table(
        ['rows', 'time', 'recall'],
        figures.map((figure) => [count(figure.rows), seconds(figure.seconds), figure.recall.toFixed(3)]),
      ),
      `Grows as rows^**${exponent.toFixed(2)}**. Lines of the packages that this repository installs (\`bench/code-lines.py\`).`,
    ],
  },
  {
    prefix: 'kmeans-',
    script: 'node bench/kmeans.mjs EMBEDDINGS.npy ROWS PROTOTYPES',
    render: ({ rows, prototypes, ours, theirs, ratio: toRival, inertiaRatio }) => [
      `### k-means, ${count(rows)} rows, ${count(prototypes)} prototypes, 10 iterations`,
      `coreset ${seconds(ours)}, faiss ${seconds(theirs)}: **${ratio(toRival)} ×** at ${inertiaRatio.toFixed(4)} of its inertia.`,
    ],
  },
  {
    prefix: 'select',
    script: 'node bench/select.mjs',
    render: ({ rows, figures }) => [
      `### Forward pass and selection, ${count(rows)} rows, k = 10, keep 30 %, random graph`,
      table(
        ['method', 'time', 'memory beyond the input'],
        figures.map(({ name, seconds: s, megabytes }) => [
          name,
          seconds(s),
          megabytes ? `${megabytes.toFixed(0)} MB` : '–',
        ]),
      ),
      'Given ready-made neighbours, the published code passes messages along directed edges; symmetric ones are twice as many.',
    ],
  },
  {
    prefix: 'embed',
    script: 'node bench/embed.mjs',
    render: ({ rows }) => [
      '### Embedding against Python onnxruntime + tokenizers (one session, two threads, length-sorted, batch 32)',
      table(
        ['texts', 'coreset', 'Python', 'ratio'],
        rows.map(({ name, ours, theirs, ratio: faster }) => [
          name,
          `${count(ours)} texts/s`,
          `${count(theirs)} texts/s`,
          `**${ratio(faster)} ×**`,
        ]),
      ),
    ],
  },
  {
    prefix: 'static',
    script: 'node bench/static.mjs [MODEL FOLDER]',
    render: ({ rows, whole }) => [
      '### Static models against Python model2vec and semhash, the same weights (256 columns)',
      table(
        ['texts', 'coreset', 'model2vec', 'ratio', 'memory'],
        rows.map(({ name, ours, theirs, megabytes: [mine, others] }) => [
          name,
          `${count(ours)} texts/s`,
          `${count(theirs)} texts/s`,
          `**${ratio(ours / theirs)} ×**`,
          `${mine.toFixed(0)} MB, ${others.toFixed(0)} MB`,
        ]),
      ),
      table(
        ['a whole run', 'time', 'memory'],
        whole.map(({ name, seconds: s, megabytes }) => [name, seconds(s[0]), `${megabytes.toFixed(0)} MB`]),
      ),
      'coreset embeds, finds duplicates, searches the graph, selects 10 %, and makes its map and report; semhash indexes, ' +
        'finds duplicates and representatives.',
    ],
  },
  {
    prefix: 'static-million',
    script: 'node bench/static.mjs million [MODEL FOLDER]',
    render: ({ seconds: s, megabytes }) => [
      '### 1,000,000 different short rows through a whole prune with a static model',
      `**${seconds(s)}**, ${megabytes.toFixed(0)} MB.`,
    ],
  },
  {
    prefix: 'paper',
    script: 'node bench/paper.mjs',
    render: ({ rows, ours, theirs, agreeing }) => [
      `### Graph and selection the way the paper's code does it, ${count(rows)} rows`,
      table(
        ['', 'first call of a process', 'warm', 'memory'],
        [
          ['coreset', seconds(ours.first), seconds(ours.seconds), `${ours.megabytes.toFixed(0)} MB`],
          ["the paper's way", seconds(theirs.first), seconds(theirs.seconds), `${theirs.megabytes.toFixed(0)} MB`],
        ],
      ),
      `**${(theirs.first / ours.first).toFixed(1)} × faster** at the first call, ` +
        `**${(theirs.seconds / ours.seconds).toFixed(1)} ×** warm; ${(100 * agreeing).toFixed(1)} % of the kept rows are the same.`,
    ],
  },
  {
    prefix: 'plan',
    script: 'node bench/plan.mjs EMBEDDINGS.npy SENTENCES.jsonl',
    render: ({ figures }) => [
      '### What `coreset plan` says before, and what the run takes (k = 32 for `auto`, else 10; 30 % kept)',
      table(
        ['run', 'planned', 'took', 'planned memory', 'took', 'stages more than a factor of two off'],
        figures.map(({ name, seconds: s, megabytes, stages }) => [
          name,
          seconds(s.planned),
          seconds(s.actual),
          `${count(megabytes.planned)} MB`,
          `${count(megabytes.actual)} MB`,
          stages
            .filter(isFarOff)
            .map(({ stage, planned, actual }) => `${stage}: ${seconds(planned)} for ${seconds(actual)}`)
            .join(', ') || '–',
        ]),
      ),
      'Stages of less than a second are not looked at one by one.',
    ],
  },
];

function isFarOff({ planned, actual }) {
  return Math.max(planned, actual) > 1 && (planned > 2 * actual || actual > 2 * planned);
}

const names = readdirSync(RESULTS)
  .filter((name) => name.endsWith('.json'))
  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
const parts = [
  '# Benchmarks',
  'Every figure is a ratio against the rival on the same data in the same run, after a warm-up, medians of several runs; ' +
    'this page is made by `node bench/report.mjs` from `bench/results`. Rivals: `bench/requirements.txt`, two threads. ' +
    'Real embeddings: the 60,000 package descriptions of Debian (`apt-cache dumpavail`), and at 200,000 rows the ' +
    'sentences of their long form (`bench/debian-sentences.py`), embedded with the bundled model.',
];
for (const { prefix, script, render } of SECTIONS) {
  const found = names.filter((name) => name === `${prefix}.json` || (prefix.endsWith('-') && name.startsWith(prefix)));
  for (const name of found) {
    const result = JSON.parse(readFileSync(`${RESULTS}/${name}`, 'utf8'));
    parts.push(...render(result), `\`${script}\` on ${result.machine}`);
  }
}
writeFileSync(`${ROOT}docs/benchmarks.md`, `${parts.join('\n\n')}\n`);
spawnSync('npx', ['biome', 'check', '--write', 'docs/benchmarks.md'], { cwd: ROOT, stdio: 'inherit' });
