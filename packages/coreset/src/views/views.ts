import { readFile, stat } from 'node:fs/promises';
import { CoresetError, fileError, formatCount, requireInteger, requireKnownOptions } from '@coreset/core';
import {
  type CoverageBesideRandom,
  coverageFigure,
  coverageText,
  difficultyFigure,
  droppedTable,
  html,
  mapFigure,
  pageFrame,
  type RowMap,
  reasonsTable,
  type ShownDropped,
  type Summary,
  summaryView as summaryHtml,
  summaryText,
} from '@coreset/report';
import { DROP_REASONS } from '../stages/drop-reasons.js';
import type { DropReason } from '../stages/result-files.js';
import { chooseDropped } from './choose-dropped.js';
import { binsOf } from './difficulty-bins.js';
import { MAP_COLOURS, type MapColour, mapGroups } from './map-groups.js';
import { showDropped } from './show-dropped.js';
import type { ViewSource } from './source.js';
import { sourceOf, type Viewable } from './sources.js';
import { type Shown, type View, viewThat } from './view.js';

/** The size of a picture in CSS pixels. */
export interface ViewSize {
  width?: number;
  height?: number;
}

const SIZE: Readonly<Record<keyof ViewSize, true>> = { width: true, height: true };

/** Options of {@link mapView}. */
export interface MapViewOptions extends ViewSize {
  /** Default: `kept`. */
  colour?: MapColour;
}

/** Every option of {@link MapViewOptions}. */
export const MAP_VIEW_OPTIONS: Readonly<Record<keyof MapViewOptions, true>> = { ...SIZE, colour: true };

/** Options of {@link droppedView}. */
export interface DroppedViewOptions {
  /** Those that were dropped for one reason; default: for any, the reasons in turn. */
  reason?: DropReason;
  /** Rows shown at most. Default: 10. */
  count?: number;
  /** Of the draw. Default: 0. */
  seed?: number;
}

/** Every option of {@link DroppedViewOptions}. */
export const DROPPED_VIEW_OPTIONS: Readonly<Record<keyof DroppedViewOptions, true>> = {
  reason: true,
  count: true,
  seed: true,
};

/** A line, and a bar of what was kept and why the rest was dropped. */
export function summaryView(result: Viewable): View {
  return viewOf(result, async (source) => {
    const summary = summaryOf(source, await source.coverage());
    return { html: summaryHtml(summary), text: summaryText(summary) };
  });
}

/** How many rows were dropped for each reason, and what the reasons mean. */
export function reasonsView(result: Viewable): View {
  return viewOf(result, async ({ rows, reasons }) => {
    const lines = reasons.map(({ reason, count, meaning }) => `${reason}: ${formatCount(count)}, ${meaning}`);
    return { html: reasonsTable(rows, reasons), text: lines.join('\n') };
  });
}

/** The rows on a plane, near to one another where their vectors are; of more than 5,000 a sample. */
export function mapView(result: Viewable, options: MapViewOptions = {}): View {
  requireSize('mapView', options, MAP_VIEW_OPTIONS);
  const { colour = 'kept', width = 640, height = 520 } = options;
  if (!MAP_COLOURS.includes(colour))
    throw new CoresetError(`mapView: colour '${colour}' is not known; use one of ${MAP_COLOURS.join(', ')}`);
  return viewOf(result, async (source) => {
    const map = await mapOf(source, colour);
    if (map === undefined) throw new CoresetError("mapView: the run made no map, since map was 'none'");
    const text = `map of ${formatCount(source.rows)} rows: ${map.groups.map(({ label }) => label).join(', ')}`;
    return { html: mapFigure(map, { width, height }), text };
  });
}

/** A histogram of the difficulty of the rows kept, in front of that of all rows. */
export function difficultyView(result: Viewable, options: ViewSize = {}): View {
  requireSize('difficultyView', options, SIZE);
  const { width = 640, height = 260 } = options;
  return viewOf(result, async (source) => {
    const bins = binsOf(source);
    const text = `rows by difficulty, all: ${Array.from(bins.all).join(' ')}\nkept: ${Array.from(bins.kept).join(' ')}`;
    return { html: difficultyFigure(bins, { width, height }), text };
  });
}

/** How far rows lie from the nearest kept row, for every smaller budget too, and were as many kept at random. */
export function coverageView(result: Viewable, options: ViewSize = {}): View {
  requireSize('coverageView', options, SIZE);
  const { width = 640, height = 260 } = options;
  return viewOf(result, async (source) => {
    const coverage = await source.coverage();
    if (coverage === undefined) throw new CoresetError(`coverageView: ${source.withoutVectors}`);
    const text = coverageText(coverage);
    return { html: html`${coverageFigure(coverage, { width, height })}\n<p><small>${text}</small></p>`, text };
  });
}

/** Dropped rows beside those that stand for them, that they repeat, or of another file that they are too near to, drawn at random, the same ones for the same result. */
export function droppedView(result: Viewable, options: DroppedViewOptions = {}): View {
  requireKnownOptions('droppedView', options, DROPPED_VIEW_OPTIONS);
  const { reason, count = 10, seed } = options;
  requireInteger('count', count, 1);
  if (reason !== undefined && !DROP_REASONS.includes(reason))
    throw new CoresetError(`droppedView: reason '${reason}' is not known; use one of ${DROP_REASONS.join(', ')}`);
  return viewOf(result, async (source) => {
    const rows = chooseDropped(source, count, { reason, seed });
    const all = reason === undefined ? source.rows - source.kept : source.dropped(reason).length;
    if (all === 0) {
      const none = reason === undefined ? 'no row was dropped' : `no row was dropped as ${reason}`;
      return { html: html`<p>${none}</p>`, text: none };
    }
    const shown = await showDropped(source, rows);
    const text = shown.map((one) => `row ${one.row}: ${[one.reason, ...relationsOf(one)].join(', ')}`);
    const caption = html`<p><small>${formatCount(rows.length)} of ${formatCount(all)} dropped rows${reason && ` (${reason})`}, drawn at random.</small></p>`;
    return { html: html`${droppedTable(shown)}\n${caption}`, text: text.join('\n') };
  });
}

function relationsOf({ by, similarity, repeats, against }: ShownDropped): string[] {
  if (against) return [`row ${against.row} of ${against.file} is too near to it (${similarity?.toFixed(3)})`];
  const isSame = by !== undefined && by.row === repeats?.row;
  return [
    ...(repeats ? [`repeats row ${repeats.row}${isSame ? ', which is kept' : ''}`] : []),
    ...(by && !isSame ? [`row ${by.row} stands for ${repeats ? 'both' : 'it'}`] : []),
  ];
}

/** Larger pages are for a browser of their own: a notebook holds what it shows. */
const MOST_PAGE_BYTES = 8 * 2 ** 20;

/**
 * The report page of a run, in a frame of its own from which it reaches nothing around it. The notebook holds the page: clear
 * the output before you save it where that is too much.
 */
export function reportView(result: Viewable, options: Pick<ViewSize, 'height'> = {}): View {
  requireSize('reportView', options, { height: true });
  const { height = 800 } = options;
  return viewOf(result, async ({ report }) => {
    if (report === undefined) throw new CoresetError('reportView: rows in memory have no report; prune writes one');
    const page = await readPage(report);
    return { html: pageFrame(page, height), text: `report: ${report}` };
  });
}

async function readPage(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MOST_PAGE_BYTES)
      throw new CoresetError(`${path} is too large for a notebook; open it in a browser`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** All of it: what a result shows of itself. */
export async function showResult(source: ViewSource): Promise<Shown> {
  const coverage = await source.coverage();
  const summary = summaryOf(source, coverage);
  const map = await mapOf(source, 'kept');
  const bins = difficultyFigure(binsOf(source));
  const dropped = await showDropped(source, chooseDropped(source, DROPPED_ROWS, {}));
  const side = html`<div style="display: inline-block; vertical-align: top; max-width: 100%">${bins}<br>${coverage && coverageFigure(coverage)}</div>`;
  const left = html`<div style="display: inline-block; vertical-align: top; max-width: 100%; margin-right: 20px">${map && mapFigure(map)}</div>`;
  return {
    html: html`${summaryHtml(summary)}\n<div style="margin: 0.8em 0">${left}${side}</div>\n${dropped.length > 0 ? droppedTable(dropped) : undefined}`,
    text: summaryText(summary),
  };
}

const DROPPED_ROWS = 6;

function viewOf(result: Viewable, show: (source: ViewSource) => Promise<Shown>): View {
  return viewThat(async () => show(await sourceOf(result)));
}

function requireSize(caller: string, options: ViewSize, known: Readonly<Record<string, true>>): void {
  requireKnownOptions(caller, options, known);
  for (const name of ['width', 'height'] as const)
    if (options[name] !== undefined) requireInteger(name, options[name], 100);
}

function summaryOf(
  { rows, kept, method, reasons, notes }: ViewSource,
  coverage: CoverageBesideRandom | undefined,
): Summary {
  const last = (coverage?.kept.length ?? 0) - 1;
  const meanDistance = coverage && { kept: coverage.kept[last], random: coverage.random[last] };
  return { rows, kept, method, reasons, notes, meanDistance };
}

async function mapOf(source: ViewSource, colour: MapColour): Promise<RowMap | undefined> {
  const placed = await source.map();
  return placed && { ...placed, ...mapGroups(source, placed.rows, colour), rows: source.rows };
}
