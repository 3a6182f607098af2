/// <reference lib="dom" />
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeReportPage } from '@coreset/report';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { CHROMIUM, mapPixels, type OpenedPage, openBrowser, openPage, pixelsLike, shownText } from './browser.ts';
import { HOSTILE, sampleReport } from './sample-report.ts';

/** As in the style sheet. */
const KEPT = [11, 122, 91];
/** The same on white, where there is no WebGL. */
const PAINTED = [60, 149, 124];

const folder = temporaryFolder();
/** A run directory whose name has to be quoted. */
const runDir = join(folder, "Ada's run #1 ü");
const RUN = `'${runDir.replace("'", "'\\''")}'`;
const path = join(runDir, 'report ü.html');

beforeAll(async () => {
  mkdirSync(runDir);
  await writeReportPage(path, sampleReport());
});

test('the page is one small file without markup of the rows, and its policy lets it send nothing', () => {
  const text = readFileSync(path, 'utf8');
  expect(statSync(path).size).toBeLessThan(500_000);
  expect(text.match(/<script/g)).toHaveLength(2);
  expect(text).not.toContain('harmed');
  expect(text).toContain('<title>Coreset of apples &lt;i&gt;&amp;&lt;/i&gt;.jsonl</title>');
  expect(text).toMatch(/Content-Security-Policy" content="default-src 'none'/);
  expect(text).not.toMatch(/(src|href)="http/);
});

describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
  let browser: Browser;
  let opened: OpenedPage;
  let page: Page;
  beforeAll(async () => {
    browser = await openBrowser();
    opened = await openPage(browser, path);
    page = opened.page;
  }, 60_000);
  beforeEach(async () => {
    await page.reload();
    await page.waitForSelector('.buttons');
  });
  afterAll(() => browser?.close());

  const text = (selector: string): Promise<string> => shownText(page, selector);
  /** What it will say once the page was drawn. */
  const soon = (selector: string) => expect.poll(() => text(selector), { timeout: 5000 });
  const budget = async (value: string): Promise<void> => {
    await page.fill('.number', value);
    await page.press('.number', 'Enter');
  };

  test('it opens with all rows, in sums and one by one', async () => {
    await soon('h1').toBe('Coreset of apples <i>&</i>.jsonl');
    await soon('.summary p').toBe(
      '100 of 300 rows kept (33.3 %), 200 dropped, by auto, embedded by static-<i>minilm</i>',
    );
    await soon('.found p').toBe('All 300 rows');
    expect(await page.locator('.row-list .row-line').count()).toBe(60);
    await soon('.map .legend').toMatch(/dropped\s+200\s+kept\s+100/);
    await expect.poll(() => pixelsLike(page, KEPT)).toBeGreaterThan(500);
  });

  test('a smaller budget is shown at once, everywhere', async () => {
    const before = await pixelsLike(page, KEPT);
    await budget('10%');
    await soon('.summary p').toMatch(
      /^30 of 300 rows kept \(10.0 %\), 270 dropped, by auto, embedded by .* · the run kept 100/,
    );
    expect(await page.inputValue('#budget-slider')).toBe('30');
    await soon('.map .legend').toMatch(/dropped\s+200\s+picked later\s+70\s+kept\s+30/);
    await soon('[aria-labelledby=coverage] p').toContain('0.580; with as many at random 0.780');
    await soon('[aria-labelledby=coverage] p').toContain('It takes more than 100 random rows');
    await soon('[aria-labelledby=reasons] li').toMatch(/picked later\s+70/);
    await page.selectOption('[aria-labelledby=composition] select', 'half');
    await soon('[aria-labelledby=composition] tbody tr:nth-child(2)').toMatch(/second\s+30\s+150\s+20.0 %/);
    await expect.poll(() => pixelsLike(page, KEPT)).toBeLessThan(before / 2);
    await page.press('#budget-slider', 'ArrowRight');
    await expect.poll(() => page.inputValue('.number')).toBe('31');
    await page.click('text=All picks');
    await expect.poll(() => page.inputValue('.number')).toBe('100');
  });

  test('a typed budget is a share or a count, and what is neither is marked until it is mended', async () => {
    await budget('0.3');
    await expect.poll(() => page.inputValue('.number')).toBe('90');
    await budget('many');
    await soon('.budget-hint').toMatch(/up to 300 \(k is a thousand\), or a share/);
    expect(await page.getAttribute('.number', 'aria-invalid')).toBe('true');
    expect(await page.inputValue('.number')).toBe('many');
    await page.press('.number', 'Escape');
    await expect.poll(() => page.inputValue('.number')).toBe('90');
    await budget('0.1k');
    await expect.poll(() => page.inputValue('.number')).toBe('100');
    expect(await page.locator('.budget-hint').isVisible()).toBe(false);
  });

  test('colours follow the budget, or say that they do not', async () => {
    await page.selectOption('.tools select', 'reason');
    await soon('.map .legend').toMatch(/^kept\s+100\s+redundant\s+199\s+duplicate\s+1$/);
    await budget('10%');
    await soon('.map .legend').toMatch(/^kept\s+30\s+picked later\s+70\s+redundant/);
    await page.selectOption('.tools select', 'weight');
    await soon('.map .legend').toContain('the colours stay those of all picks');
    await page.click('text=All picks');
    await soon('.map .legend').toMatch(/large points are kept$/);
  });

  test('the command line for a budget is there to copy', async () => {
    await budget('12');
    await page.click('text=Export');
    await soon('.popover code').toBe(`head -n 12 ${RUN}/selected.jsonl`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.click('.popover .copy');
    await soon('.popover .copy').toBe('Copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`head -n 12 ${RUN}/selected.jsonl`);
    await page.keyboard.press('Escape');
    expect(await page.locator('.popover').count()).toBe(0);
    await page.click('text=All picks');
  });

  test('rows are searched for, listed in an order, and counted', async () => {
    await page.fill('input[type=search]', 'apples BLUE');
    await page.waitForFunction(() => document.querySelector('.found p')?.textContent === '100 of 300 rows');
    await page.selectOption('#row-order', 'hard');
    await soon('.row-list .row-line .name').toBe('id-299');
    await page.selectOption('#row-order', 'input');
    await page.fill('input[type=search]', 'nowhere');
    await soon('.rows').toBe('No row has all these words.');
    await page.fill('input[type=search]', '');
    await page.click('text=Show more (240 left)');
    expect(await page.locator('.row-list .row-line').count()).toBe(120);
  });

  test('a row tells why it was dropped, what stands for it, its neighbours, and what was looked at before', async () => {
    await page.fill('input[type=search]', 'id-2');
    await page.click('.row-list .row-line >> nth=0');
    await soon('.row-panel h2').toBe('id-2');
    await soon('.row-panel').toMatch(/redundant: another is as near\./);
    await soon('.row-panel .row-line').toMatch(/^id-0\s+kept, pick 100\s+0.800/);
    await soon('.row-panel .command code').toBe(`coreset explain ${RUN} --row 2`);
    expect(await page.locator('.overlay circle').count()).toBe(2);
    await budget('99');
    await soon('.row-panel .row-line').toMatch(/^id-3\s+kept, pick 99\s+0.800/);
    await page.click('.row-panel .row-line >> nth=1');
    await soon('.row-panel h2').toBe('id-1');
    await soon('.row-panel').toMatch(
      /duplicate: the same content as another row\.\s+The row that it repeats\s+id-2.*The kept row that stands for both\s+id-3/s,
    );
    await page.click('[aria-label="The row before"]');
    await soon('.row-panel h2').toBe('id-2');
    await page.click('[aria-label="The row after"]');
    await soon('.row-panel h2').toBe('id-1');
    await page.click('text=← List');
    await page.fill('input[type=search]', '0');
    await page.click('.row-list .row-line >> nth=0');
    await soon('.row-panel').toContain('Not among the first 99 picks: it is picked at 100.');
    await page.click('text=All picks');
    await page.click('text=Show the rows it stands for');
    await soon('.found p').toBe('3 of 300 rows');
    await page.click('.chips >> text=all');
    await page.fill('input[type=search]', '');
  });

  test('reasons and values of fields choose rows, also on the map', async () => {
    await page.click('[aria-labelledby=reasons] li:nth-child(2) button');
    await soon('.found p').toBe('1 of 300 rows');
    await soon('.row-list .row-line').toMatch(/^id-1\s+duplicate/);
    await expect.poll(() => pixelsLike(page, KEPT)).toBe(0);
    await page.click('[aria-labelledby=reasons] li:nth-child(2) button');
    await soon('.found p').toBe('All 300 rows');
    await page.click('[aria-labelledby=unread] >> text=All such rows');
    await soon('.row-list .row-line .name').toBe('id-8');
    await page.click('.chips >> text=all');
  });

  test('a point of the map is looked at, then opened', async () => {
    const frame = await mapFrame(page);
    const { data, width, height } = await mapPixels(page);
    const isKept = (left: number, top: number): boolean => Math.abs(data[3 * (top * width + left)] - KEPT[0]) < 20;
    const middle = Array.from({ length: width * height }, (_, at) => [at % width, Math.floor(at / width)]).find(
      ([left, top]) => [-2, 0, 2].every((step) => isKept(left + step, top + step) && isKept(left - step, top + step)),
    );
    const [x, y] = middle as [number, number];
    await page.mouse.move(frame.x + x - 3, frame.y + y);
    await page.mouse.move(frame.x + x, frame.y + y);
    await page.waitForSelector('.preview');
    const name = await text('.preview strong');
    await page.mouse.click(frame.x + x, frame.y + y);
    await page.waitForSelector('.row-panel');
    await soon('.row-panel h2').toBe(name);
    await soon('.row-panel .badge').toMatch(/^kept/);
    await page.click('text=← List');
  });

  test('a lasso lists rows, whose ids can be had', async () => {
    const { x, y, width, height } = await mapFrame(page);
    await page.click('.buttons >> text=Lasso');
    const corners = [0.2, 0.2, 0.8, 0.2, 0.8, 0.8, 0.2, 0.8, 0.2, 0.25];
    await page.mouse.move(x + width * corners[0], y + height * corners[1]);
    await page.mouse.down();
    for (let corner = 2; corner < corners.length; corner += 2) {
      await page.mouse.move(x + width * corners[corner], y + height * corners[corner + 1], { steps: 12 });
      await page.waitForTimeout(20);
    }
    await page.mouse.up();
    await page.waitForSelector('.chips >> text=in the lasso');
    const [, count] = /^(\d+) of 300 rows$/.exec(await text('.found p')) as RegExpExecArray;
    expect(Number(count)).toBeGreaterThan(50);
    expect(Number(count)).toBeLessThan(290);
    expect(await page.getAttribute('.buttons button', 'aria-pressed')).toBe('false');
    await page.click('.found .copy');
    const ids = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
    expect(ids).toHaveLength(Number(count));
    expect(new Set(ids).size).toBe(Number(count));
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('.found >> text=.txt')]);
    expect(readFileSync(await download.path(), 'utf8')).toBe(`${ids.join('\n')}\n`);
    await page.click('.chips >> text=all');
  });

  test('what looks like HTML stays text', async () => {
    await page.fill('input[type=search]', 'script');
    await page.click('.row-list .row-line');
    await soon('.row-panel .text').toBe(HOSTILE);
    expect(await page.title()).toBe('Coreset of apples <i>&</i>.jsonl');
    expect(await page.locator('.row-panel img').count()).toBe(0);
    await soon('.notes').toContain('<b>markup</b>');
    await page.click('text=← List');
    await page.fill('input[type=search]', '');
  });

  test('keys are enough: to the rows, along the list, into one, over the map', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('To the rows');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).type)).toBe('search');
    await page.keyboard.type('id-30');
    await page.waitForFunction(() => document.querySelector('.found p')?.textContent === '1 of 300 rows');
    for (let tab = 0; tab < 12; tab++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement?.classList.contains('row-line'))) break;
    }
    expect(await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)).toBe('solid');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('id-30');
    const before = await page.getAttribute('.overlay circle.open', 'cx');
    await page.focus('.canvas');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(
      (cx) => document.querySelector('.overlay circle.open')?.getAttribute('cx') !== cx,
      before,
    );
    await page.click('text=← List');
    await page.fill('input[type=search]', '');
  });

  test('it is dark where the system is, and can be switched', async () => {
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await ground()).toBe('rgb(246, 246, 243)');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    expect(await ground()).toBe('rgb(17, 20, 25)');
    await expect.poll(() => pixelsLike(page, [65, 214, 163])).toBeGreaterThan(500);
    await page.click('[aria-label="Switch to light"]');
    expect(await ground()).toBe('rgb(246, 246, 243)');
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('it complained of nothing, and asked for nothing', () => {
    expect(opened.complaints).toEqual([]);
  });

  test('on a telephone nothing is wider than the screen, and fingers do what a mouse does', async () => {
    const phone = await openPage(browser, path, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await phone.page.waitForSelector('.buttons');
    const widest = (): Promise<number> => phone.page.evaluate(() => document.documentElement.scrollWidth);
    expect(await widest()).toBe(390);
    await phone.page.tap('.row-line >> nth=3');
    await phone.page.waitForSelector('.row-panel');
    expect(await widest()).toBe(390);
    await phone.page.tap('text=← List');
    await phone.page.tap('.buttons >> text=Lasso');
    const { x, y, width, height } = await mapFrame(phone.page);
    const corners = [0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9].map((share, i) =>
      i % 2 === 0 ? x + width * share : y + height * share,
    );
    await drawByFinger(phone.page, corners);
    await phone.page.waitForSelector('.chips >> text=in the lasso');
    expect(phone.complaints).toEqual([]);
    await phone.page.context().close();
  });
});

describe.skipIf(CHROMIUM === undefined)(
  'in a browser, a sample with cut texts, rows without vectors, and rows all alike',
  () => {
    let browser: Browser;
    let opened: OpenedPage;
    const sampled = join(folder, 'sample.html');
    beforeAll(async () => {
      const report = sampleReport();
      const { shown, coverage } = report;
      for (const place of [6, 11]) for (const at of [shown.x, shown.y]) (at as Float32Array)[place] = Number.NaN;
      coverage.kept.fill(0);
      coverage.random.fill(0);
      await writeReportPage(sampled, { ...report, rows: 4000, textLength: 20 });
      browser = await openBrowser();
      opened = await openPage(browser, sampled);
    }, 60_000);
    afterAll(() => browser?.close());

    const soon = (selector: string) => expect.poll(() => shownText(opened.page, selector), { timeout: 5000 });

    test('a search says what it looked through', async () => {
      await soon('.found p').toBe('All 300 rows of the sample');
      expect(await opened.page.locator('.unsearched').count()).toBe(0);
      await opened.page.fill('input[type=search]', 'blue');
      await soon('.found p').toBe('100 of 300 rows of the sample');
      await soon('.unsearched').toBe(
        'Searched in the first 20 characters of each text, among the 300 shown rows of 4,000.',
      );
    });

    test('rows without a vector are not on the map, and can be looked at', async () => {
      await opened.page.waitForSelector('.buttons');
      await soon('.map-foot > p').toContain('2 rows without a vector are not on it.');
      await opened.page.fill('input[type=search]', 'id-11');
      await opened.page.click('.row-list .row-line >> nth=0');
      await soon('.row-panel h2').toBe('id-11');
      expect(await opened.page.locator('.overlay').count()).toBe(0);
      await opened.page.click('text=← List');
      await opened.page.fill('input[type=search]', 'id-12');
      await opened.page.click('.row-list .row-line >> nth=0');
      await opened.page.waitForSelector('.overlay circle.open');
      const { x, y, width, height } = await mapFrame(opened.page);
      const ring = opened.page.locator('.overlay circle.open');
      const [left, top] = (await Promise.all(['cx', 'cy'].map((name) => ring.getAttribute(name)))).map(Number);
      expect(left > 0 && left < width && top > 0 && top < height).toBe(true);
      await opened.page.mouse.click(x + left, y + top);
      await soon('.row-panel h2').toBe('id-12');
    });

    test('distances that are all 0 are drawn', async () => {
      await soon('[aria-labelledby=coverage] p').toContain('Every row lies on a kept one');
      expect(await opened.page.getAttribute('[aria-labelledby=coverage] .line.kept', 'd')).not.toContain('NaN');
      expect(opened.complaints).toEqual([]);
    });
  },
);

describe.skipIf(CHROMIUM === undefined)('in a browser without WebGL', () => {
  test('the map is a picture that says so, and all else works', async () => {
    const browser = await openBrowser(false);
    try {
      const { page, complaints } = await openPage(browser, path);
      await page.waitForSelector('.map .notice');
      expect(await shownText(page, '.map .notice')).toMatch(/no WebGL/);
      const { y, height } = await mapFrame(page);
      expect((await page.locator('.notice').boundingBox())?.y).toBeGreaterThanOrEqual(y + height);
      expect(await pixelsLike(page, PAINTED)).toBeGreaterThan(500);
      await page.fill('input[type=search]', 'id-30');
      await page.click('.row-line');
      expect(await shownText(page, '.row-panel h2')).toBe('id-30');
      expect(complaints.filter((line) => !/WebGL|GPU/i.test(line))).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

/** Where the map is in the window. */
async function mapFrame(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  await page.evaluate(() => scrollTo(0, 0));
  return (await page.locator('.canvas').boundingBox()) as { x: number; y: number; width: number; height: number };
}

async function drawByFinger(page: Page, places: number[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', at: number[]): Promise<void> => {
    const touchPoints = at.length === 0 ? [] : [{ x: at[0], y: at[1] }];
    await session.send('Input.dispatchTouchEvent', { type, touchPoints });
    await page.waitForTimeout(25);
  };
  await touch('touchStart', places.slice(0, 2));
  for (let at = 2; at < places.length; at += 2)
    for (let step = 1; step <= 6; step++)
      await touch(
        'touchMove',
        [0, 1].map((axis) => {
          const from = places[at - 2 + axis];
          return from + ((places[at + axis] - from) * step) / 6;
        }),
      );
  await touch('touchEnd', []);
}
