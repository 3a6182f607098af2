import { dirname, relative, resolve, sep } from 'node:path';
import { formatCount, writeFileAtomic } from '@coreset/core';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { meaningOf } from '../stages/drop-reasons.js';
import { VERSION } from '../version.js';
import type { DroppedExample, Example, Report, ReportCoverage } from './report-data.js';

const KEPT_COLOUR = '#1b7f5c';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --kept: ${KEPT_COLOUR}; --dropped: #b9b9c6; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
.lead { margin-top: .3rem; }
.bar { display: flex; height: 1.1rem; border-radius: .3rem; overflow: hidden; background: var(--dropped); margin: 1rem 0; }
.bar > span { background: var(--kept); }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.half { width: 50%; } img { display: block; max-width: 12rem; max-height: 9rem; margin: .2rem 0; } .row { opacity: .6; font-size: .85em; display: block; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; background: #fff; color: #222; border-radius: .3rem; }
code { background: var(--soft); padding: .1rem .3rem; border-radius: .2rem; overflow-wrap: anywhere; }
`;

/** What this page needs of a DOM element. */
interface Element {
  append(...content: Content[]): void;
  setAttribute(name: string, value: string): void;
}

type Content = Element | string;

/** The page as a file that needs no other but the images of the corpus, if there are any: what was kept, why the rest was dropped, examples of both. */
export function writeReportPage(path: string, report: Report): Promise<void> {
  return writeFileAtomic(path, reportPage(report, dirname(path)));
}

/** @param folder where the page will lie */
export function reportPage(report: Report, folder: string): string {
  const { document } = parseHTML('<!doctype html><html lang="en"><head></head><body></body></html>');
  /** Text becomes text nodes, so that no row of the corpus is ever read as HTML. */
  const element = (tag: string, attributes: Record<string, string>, ...content: Content[]): Element => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...content);
    return made;
  };
  const table = (headings: Content[][], rows: Content[][][], classes: string[]): Element => {
    const cells = (tag: string, row: Content[][]): Element =>
      element('tr', {}, ...row.map((content, column) => element(tag, { class: classes[column] }, ...content)));
    const head = headings.length > 0 ? [cells('th', headings)] : [];
    return element('table', {}, ...head, ...rows.map((row) => cells('td', row)));
  };
  const example = ({ row, id, text, image }: Example): Content[] => [
    element('span', { class: 'row' }, id === undefined ? `row ${row}` : `row ${row} · ${id}`),
    ...(image === undefined ? [] : [element('img', { src: addressOf(image, folder), alt: '', loading: 'lazy' })]),
    text === undefined || text === String(id) ? '' : text,
  ];
  const section = (title: string, ...content: Content[]): Content[] => [element('h2', {}, title), ...content];

  const { name, notes, rows, kept, reasons, method } = report;
  const share = ((100 * kept) / rows).toFixed(1);
  document.head.append(
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, `Coreset of ${name}`),
    element('style', {}, STYLE),
  );
  document.body.append(
    element('h1', {}, `Coreset of ${name}`),
    element(
      'p',
      { class: 'lead' },
      `Kept ${formatCount(kept)} of ${formatCount(rows)} rows (${share} %, pruning rate ${(100 - Number(share)).toFixed(1)} %), method `,
      element('code', {}, method),
      '.',
    ),
    element('div', { class: 'bar', title: `${share} % kept` }, element('span', { style: `width: ${share}%` })),
    ...section(
      'Why rows were dropped',
      table(
        [['reason'], ['rows'], ['of all'], ['']],
        reasons.map(({ reason, count }) => [
          [reason],
          [formatCount(count)],
          [`${((100 * count) / rows).toFixed(1)} %`],
          [meaningOf(reason, report.nearDuplicate)],
        ]),
        ['', 'number', 'number', ''],
      ),
      element('p', {}, 'Similarity is the cosine of two vectors: 1 for the same direction, 0 for unrelated ones.'),
    ),
    ...(notes.length > 0
      ? section('What to know of these rows', element('ul', {}, ...notes.map((note) => element('li', {}, note))))
      : []),
    ...section(
      'How well the corpus is covered',
      element('figure', {}, coverageChart(document, report.coverage, method)),
      element('p', {}, coverageText(report.coverage)),
    ),
    ...section('What is kept, by difficulty', element('figure', {}, difficultyChart(document, report.difficulty))),
    element(
      'p',
      {},
      'Green rows are kept, grey ones dropped. Difficulty is the distance to the nearest prototype, or the scores that were given, scaled from 0 to 1.',
    ),
    ...section(
      'Picked first',
      table(
        [],
        report.first.map((one) => [example(one)]),
        [''],
      ),
    ),
    ...reasons.flatMap(({ reason, count, examples }) => {
      const standsFor = reason === 'duplicate' ? 'earlier row with the same content' : 'kept row that stands for it';
      const columns: [heading: string, width: string, cell: (one: DroppedExample) => Content[]][] = [
        ['dropped', 'half', example],
        [standsFor, 'half', ({ by }) => (by === undefined ? ['–'] : example(by))],
        ['similarity', 'number', ({ similarity }) => [similarity === undefined ? '–' : similarity.toFixed(2)]],
      ];
      const isTold = [true, examples.some(({ by }) => by), examples.some((one) => one.similarity !== undefined)];
      const shown = columns.filter((_, column) => isTold[column]);
      return section(
        `Dropped: ${reason}`,
        element('p', {}, `${formatCount(examples.length)} of ${formatCount(count)}, drawn at random.`),
        table(
          shown.map(([heading]) => [heading]),
          examples.map((one) => shown.map(([, , cell]) => cell(one))),
          shown.map(([, width]) => width),
        ),
      );
    }),
    element('p', {}, `Made by coreset ${VERSION}; the options are in `, element('code', {}, 'manifest.json'), '.'),
  );
  return `${document.toString()}\n`;
}

/** Relative, so that page and images may move together; each part encoded, so that no name is read as anything else. */
function addressOf(image: string, folder: string): string {
  return relative(resolve(folder), image).split(sep).map(encodeURIComponent).join('/');
}

function coverageText({ budgets, kept, random }: ReportCoverage): string {
  const last = kept.length - 1;
  const enough = kept.findIndex((distance) => distance <= random[last]);
  const saved = enough >= 0 && enough < last ? `, which the first ${formatCount(budgets[enough])} picks reach` : '';
  return (
    `Mean distance of a row to the nearest kept row: ${kept[last].toFixed(3)}; with as many rows kept at random: ${random[last].toFixed(3)}${saved}. ` +
    'Any beginning of the order of picks in selection.json is the selection at that smaller budget.'
  );
}

const FRAME = { width: 900, height: 300, marginLeft: 60 };

function coverageChart(document: unknown, { budgets, kept, random }: ReportCoverage, method: string): Element {
  const label = method === 'random' ? 'these picks' : method;
  const points = Array.from(budgets, (budget, b) => [
    { budget, distance: kept[b], what: label },
    { budget, distance: random[b], what: 'at random' },
  ]).flat();
  const [ours, others] = points.slice(-2);
  // The ends of the lines may lie close together.
  const nameAtEnd = (end: typeof ours, other: typeof ours): Plot.Markish =>
    Plot.text([end], {
      x: 'budget',
      y: 'distance',
      text: 'what',
      fill: 'what',
      textAnchor: 'start',
      dx: 6,
      dy: end.distance < other.distance ? 6 : -6,
    });
  return Plot.plot({
    document: document as never,
    ...FRAME,
    marginRight: 110,
    x: { label: 'rows kept, in the order of picks', domain: [0, budgets[budgets.length - 1]] },
    y: { label: 'mean distance to the nearest kept row', grid: true, zero: true },
    color: { domain: [label, 'at random'], range: [KEPT_COLOUR, '#77778a'], legend: false },
    marks: [
      Plot.lineY(points, { x: 'budget', y: 'distance', z: 'what', stroke: 'what', strokeWidth: 2 }),
      nameAtEnd(ours, others),
      nameAtEnd(others, ours),
    ],
  }) as unknown as Element;
}

function difficultyChart(document: unknown, { kept, dropped }: Report['difficulty']): Element {
  const bars = Array.from(kept, (_, bin) => [
    { bin, rows: kept[bin], what: 'kept' },
    { bin, rows: dropped[bin], what: 'dropped' },
  ]).flat();
  return Plot.plot({
    document: document as never,
    ...FRAME,
    x: { label: 'difficulty' },
    y: { label: 'rows', grid: true },
    color: { domain: ['kept', 'dropped'], range: [KEPT_COLOUR, '#b9b9c6'], legend: false },
    marks: [
      Plot.rectY(bars, {
        x1: ({ bin }) => bin / kept.length,
        x2: ({ bin }) => (bin + 1) / kept.length,
        y: 'rows',
        fill: 'what',
        inset: 0.5,
      }),
      Plot.ruleY([0]),
    ],
  }) as unknown as Element;
}
