import { htmlOf } from '@coreset/core';
import {
  comparisonView,
  coverageFigure,
  coverageText,
  difficultyFigure,
  droppedTable,
  type Html,
  html,
  KEPT,
  MAP_POINTS,
  mapFigure,
  pageFrame,
  planView,
  reasonColour,
  reasonsTable,
  summaryText,
  summaryView,
} from '@coreset/report';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';

const EVIL = `<script>alert("1")</script> & 'x' </td> <!--`;

/** The SVG of a picture. */
function svgOf(picture: { text: string }, n = 0): string {
  const data = [...picture.text.matchAll(/src="data:image\/svg\+xml;base64,([^"]*)"/g)][n][1];
  return Buffer.from(data, 'base64').toString('utf8');
}

function bodyOf(view: { text: string }): ReturnType<typeof parseHTML>['document'] {
  return parseHTML(`<!doctype html><html><body>${view.text}</body></html>`).document;
}

const summary = {
  rows: 1000,
  kept: 300,
  method: EVIL,
  reasons: [
    { reason: 'redundant', count: 600 },
    { reason: 'duplicate', count: 100 },
  ],
  meanDistance: { kept: 0.5, random: 0.8 },
  notes: [EVIL],
};
const map = {
  x: [0, 1, 2, 3],
  y: [0, 2, 1, 0],
  group: [0, 1, 1, 0],
  groups: [
    { label: EVIL, colour: '#111111' },
    { label: 'kept 2', colour: '#222222' },
  ],
  rows: 4,
  method: EVIL,
};
const dropped = [
  { row: 3, id: `1${EVIL}`, text: EVIL, reason: 'redundant', by: { row: 1, text: EVIL }, similarity: 0.876 },
];
const repeated = {
  ...{ row: 4, text: 'x', reason: 'duplicate', similarity: 0.62 },
  ...{ by: { row: 1, text: 'y' }, repeats: { row: 2, text: 'x', id: 'two' } },
};
const tooNear = { row: 5, reason: 'against', similarity: 0.8974, against: { row: 7, text: 'z', file: 'test.jsonl' } };
const coverage = { budgets: [1, 2, 4], kept: [3, 2, 1], random: [4, 3, 2] };
const stage = { stage: EVIL, seconds: 65, memory: 2e6, disk: 1e3 };
const plan = { rows: 10, kept: 5, method: EVIL, stages: [stage], seconds: 65, memory: 2e6, disk: 1e3 };
const compared = (method: string, mean: number, deviation: number, marks = '') => ({
  method,
  keep: EVIL,
  kept: 3,
  values: { aucpr: { mean, deviation, isBest: marks === '*', marks } },
});
const measures = [
  { name: 'aucpr', heading: EVIL },
  { name: 'other', heading: 'other' },
];

const VIEWS: Record<string, Html> = {
  summary: summaryView(summary),
  reasons: reasonsTable(1000, [{ reason: EVIL, count: 3, meaning: EVIL }]),
  map: mapFigure(map),
  difficulty: difficultyFigure({ all: [4, 0, 6], kept: [1, 0, 2] }),
  coverage: coverageFigure(coverage),
  dropped: droppedTable(dropped),
  comparison: comparisonView([compared(EVIL, 1, 0, EVIL)], measures, {
    signs: [{ sign: EVIL, meaning: EVIL }],
    notes: [EVIL],
  }),
  plan: planView(plan),
};

describe.each(Object.entries(VIEWS))('the view of %s', (_, view) => {
  test('keeps texts texts', () => {
    const document = bodyOf(view);
    expect(document.querySelectorAll('script')).toHaveLength(0);
    for (const [, name] of view.text.matchAll(/<\/?(\w+)/g))
      expect([
        'p',
        'b',
        'code',
        'img',
        'table',
        'thead',
        'tbody',
        'tr',
        'th',
        'td',
        'small',
        'br',
        'sup',
        'div',
      ]).toContain(name);
  });

  test('looks the same where style sheets and scripts are taken out', () => {
    expect(view.text).not.toMatch(/<style|class=|<svg/);
  });

  test('its pictures are whole, say in words what they show, and need nothing from elsewhere', () => {
    const images = [...bodyOf(view).querySelectorAll('img')];
    images.forEach((image, n) => {
      expect(image.getAttribute('alt')).not.toBeNull();
      const svg = svgOf(view, n);
      const { document } = parseHTML(svg);
      expect(document.toString()).not.toMatch(/NaN|undefined|Infinity|script>|href/);
      expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
      expect((svg.match(/</g) ?? []).length).toBe((svg.match(/>/g) ?? []).length);
    });
  });

  test('shows itself', async () => {
    expect(await htmlOf(view)).toBe(view.text);
  });
});

test('html escapes what is put in, unless it is HTML', () => {
  expect(html`<b>${'<'}${[html`<i>${1}</i>`, '&']}${undefined}</b>`.text).toBe('<b>&#60;<i>1</i>&#38;</b>');
  expect(html`<a title="${'"'}">`.text).toBe('<a title="&#34;">');
});

test('the summary says how much was kept, and how near rows lie to it beside random ones', () => {
  expect(summaryText({ ...summary, method: 'auto' })).toBe(
    'kept 300 of 1,000 rows (30.0 %) by auto; dropped 600 redundant, 100 duplicate',
  );
  expect(summaryView(summary).text).toContain('38 % nearer to a kept row');
  expect(summaryView({ ...summary, meanDistance: { kept: 0.9, random: 0.75 } }).text).toContain('20 % farther from');
  expect(summaryView({ ...summary, method: 'random' }).text).not.toContain('nearer');
  const widths = [...svgOf(summaryView(summary)).matchAll(/<rect x="([\d.]+)" y="0" width="([\d.]+)"/g)];
  expect(widths.map(([, x, width]) => [Number(x), Number(width)])).toEqual([
    [0, 257],
    [258, 515],
    [774, 85],
  ]);
});

describe('the map', () => {
  test('has a point per row in the colour of its group', () => {
    const paths = [...svgOf(VIEWS.map).matchAll(/<path d="([^"]*)" stroke="(#\d+)"/g)];
    expect(paths.map(([, d, colour]) => [d.split('h0').length - 1, colour])).toEqual([
      [2, '#111111'],
      [2, '#222222'],
    ]);
  });

  test('names the groups from the top, or in the order asked for', () => {
    const names = (legend?: number[]): string[] => {
      const groups = ['bottom', 'top'].map((label) => ({ label, colour: '#111111' }));
      const svg = svgOf(mapFigure({ ...map, groups, legend }));
      return [...svg.matchAll(/>(bottom|top)</g)].map(([, name]) => name);
    };
    expect(names()).toEqual(['top', 'bottom']);
    expect(names([0, 1])).toEqual(['bottom', 'top']);
  });

  test('keeps the shape of the layout, with y upwards', () => {
    const points = [...svgOf(VIEWS.map).matchAll(/M(\d+) (\d+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);
    const [first, last, second, third] = points;
    expect((last[0] - first[0]) / (third[0] - second[0])).toBeCloseTo(3, 2);
    expect(first[1]).toBe(last[1]);
    expect(first[1] - second[1]).toBeCloseTo((2 / 3) * (last[0] - first[0]), -1);
  });

  test('draws 5,000 rows at most, in less than 100 kB', () => {
    const many = Array.from({ length: 12001 }, (_, i) => i);
    const x = many.map((i) => Math.sin(i) * 7);
    const y = many.map((i) => Math.cos(3 * i));
    const view = mapFigure({ ...map, x, y, group: many.map((i) => i % 2), rows: 200000 });
    const drawn = svgOf(view).split('h0').length - 1;
    expect(drawn).toBeLessThanOrEqual(MAP_POINTS);
    expect(drawn).toBeGreaterThan(MAP_POINTS / 2);
    expect(svgOf(view)).toContain('4,001 of 200,000 rows drawn');
    expect(view.text.length).toBeLessThan(100e3);
  });

  test('of one row, or of rows in one place, is drawn too', () => {
    for (const count of [1, 3]) {
      const zeros = new Float32Array(count);
      expect(svgOf(mapFigure({ ...map, x: zeros, y: zeros, group: zeros, rows: count }))).not.toMatch(/NaN|Infinity/);
    }
  });
});

test('reasons are told from one another, and from what is kept, by their colours', () => {
  const channels = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const reasons = ['near-duplicate', 'redundant', 'outranked', 'indistinguishable', 'duplicate', 'excluded'];
  const colours = [KEPT, ...[...reasons, 'against', 'nothing to embed'].map(reasonColour)].map(channels);
  colours.forEach((one, i) => {
    for (const other of colours.slice(0, i))
      expect(Math.hypot(...one.map((value, c) => value - other[c]))).toBeGreaterThan(70);
  });
});

test('the histogram has a bar per bin that is not empty, of kept rows in front of all', () => {
  const bars = [...svgOf(VIEWS.difficulty).matchAll(/<path d="(M[^"]*z)"/g)].map(([, d]) => d.split('z').length - 1);
  expect(bars).toEqual([2, 2]);
});

test('coverage says which budget is as good as all random picks', () => {
  expect(coverageText(coverage)).toBe(
    'Mean distance of a row to the nearest kept row: 1.000; with as many rows kept at random: 2.000, which the first 2 picks reach.',
  );
  expect(coverageText({ ...coverage, kept: [4, 3, 2] })).toMatch(/at random: 2.000\.$/);
  expect(coverageText({ ...coverage, kept: [4, 4, 4] })).toMatch(/at random: 2.000\.$/);
  expect(svgOf(coverageFigure({ budgets: [1], kept: [2], random: [2] }))).not.toMatch(/NaN|Infinity/);
});

test('a dropped row stands beside the one that stands for it', () => {
  const cells = [...bodyOf(VIEWS.dropped).querySelectorAll('td')].map((cell) => cell.textContent);
  expect(cells).toEqual([`${EVIL}row 3 · 1${EVIL}`, `${EVIL}row 1`, 'redundant', '0.876']);
  const long = bodyOf(droppedTable([{ row: 0, text: 'a'.repeat(1000), reason: 'excluded' }]));
  expect([...long.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual([
    `${'a'.repeat(240)} …row 0`,
    '–',
    'excluded',
    '–',
  ]);
});

const textsOf = (tag: string, shown: typeof dropped | object[]): string[] =>
  [...bodyOf(droppedTable(shown as typeof dropped)).querySelectorAll(tag)].map((cell) => cell.textContent);

test('a duplicate stands beside the row that it repeats, before the kept row of both', () => {
  expect(textsOf('td', [repeated])).toEqual([
    'xrow 4',
    'xrepeats row 2 · twoykept for both: row 1, similarity 0.620',
    'duplicate',
    '1',
  ]);
  expect(textsOf('td', [{ ...repeated, repeats: repeated.by }])[1]).toBe('yrepeats row 1, kept');
  expect(textsOf('td', [{ ...repeated, by: undefined }])[1]).toBe('xrepeats row 2 · two');
  expect(textsOf('th', [repeated])[1]).toBe('row that it repeats');
});

test('a row that is too near to one of another file stands beside that', () => {
  expect(textsOf('td', [tooNear])).toEqual(['row 5', 'ztoo near to row 7 of test.jsonl', 'against', '0.897']);
  expect(textsOf('th', [tooNear, dropped[0]])[1]).toBe('kept row that stands for it, or row of the other file');
});

test('of compared methods the best is bold, and marks stand behind values', () => {
  const view = comparisonView([compared('a', 1, 0.1, '*'), compared('b', 1.2, 0.0004, '~')], measures, {
    signs: [{ sign: '±', meaning: 'spread' }],
    notes: ['* best'],
  });
  const [compare, legend] = bodyOf(view).querySelectorAll('table');
  expect([...compare.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual([
    ...['a', '1.000 ± 0.100*', '–'],
    ...['b', '1.200~', '–'],
  ]);
  expect([...bodyOf(view).querySelectorAll('td b')].map((cell) => cell.textContent)).toEqual(['1.000 ± 0.100*']);
  expect([...legend.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual(['±', 'spread']);
  expect(bodyOf(view).querySelector('p:last-child')?.textContent).toBe('* best');
  expect(compare.parentElement?.getAttribute('style')).toBe('overflow-x: auto');
  for (const cell of compare.querySelectorAll('td'))
    expect(cell.getAttribute('style')).toMatch(/white-space: nowrap(?!.*overflow-wrap)/);
});

test('a plan is a table of its stages', () => {
  const reused = planView({
    ...plan,
    stages: [
      { ...stage, stage: 'embed' },
      { ...stage, stage: 'graph', reused: true },
    ],
  });
  expect([...bodyOf(reused).querySelectorAll('tbody tr')].map((row) => row.textContent.trim())).toEqual([
    'embed1 min 05 s2 MB1 kB',
    'graphreused2 MB1 kB',
  ]);
});

test('a page lies in a frame that reaches nothing around it', () => {
  const frame = bodyOf(pageFrame('<p title="x">&amp;</p>', 700)).querySelector('iframe');
  expect(frame?.getAttribute('srcdoc')).toBe('<p title="x">&amp;</p>');
  expect(frame?.getAttribute('sandbox')?.split(' ')).not.toContain('allow-same-origin');
});
