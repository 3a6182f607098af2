import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';

/** The browser of the system; undefined where there is none. */
export const CHROMIUM: string | undefined = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

if (CHROMIUM === undefined)
  console.warn('no Chromium is there, so the report page is not tested in a browser; install it, or set CHROMIUM_PATH');

/** @param hasWebGL by the processor, since test machines have no graphics card */
export function openBrowser(hasWebGL = true): Promise<Browser> {
  const args = hasWebGL
    ? ['--use-angle=swiftshader', '--enable-unsafe-swiftshader']
    : ['--disable-gpu', '--disable-3d-apis', '--disable-software-rasterizer'];
  return chromium.launch({ executablePath: CHROMIUM, args: [...args, '--no-sandbox'] });
}

/** A page that was opened, and what it should not have done. */
export interface OpenedPage {
  page: Page;
  /** Errors of its scripts, messages on the console, requests but for its own file. */
  complaints: string[];
}

const SIZE = { width: 1280, height: 860 };

/** Open a file, and wait for its rows. */
export async function openPage(
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: SIZE, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const own = pathToFileURL(path).href;
  page.on('pageerror', ({ message }) => complaints.push(message));
  // The driver of the graphics card has its say on the console.
  page.on('console', (message) => {
    if (!message.text().includes('GL Driver Message')) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (request.url() !== own && !/^(data|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(own);
  await page.waitForSelector('.row-line');
  return { page, complaints };
}

/** The text of the first such element as it is laid out. */
export function shownText(page: Page, selector: string): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not meant
  return page.locator(selector).first().innerText();
}

/** The map as it is seen, three bytes per pixel. */
export async function mapPixels(page: Page): Promise<{ data: Buffer; width: number; height: number }> {
  const picture = await page.locator('.canvas').screenshot();
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** How many pixels of the map have about a colour. */
export async function pixelsLike(page: Page, colour: readonly number[]): Promise<number> {
  const { data } = await mapPixels(page);
  let count = 0;
  for (let at = 0; at < data.length; at += 3)
    if (colour.every((value, part) => Math.abs(data[at + part] - value) < 24)) count++;
  return count;
}
