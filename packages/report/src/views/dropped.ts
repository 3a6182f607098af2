import { type Content, type Html, html } from './html.js';
import { table } from './table.js';

/** A row to look at. */
export interface ShownRow {
  /** Its number in the input. */
  row: number;
  id?: string | number | bigint;
  text?: string;
  /** Where its picture is, as the notebook finds it. */
  image?: string;
}

/** A dropped row, and the kept row that stands for it. */
export interface ShownDropped extends ShownRow {
  reason: string;
  by?: ShownRow;
  /** The cosine of both. */
  similarity?: number;
  /** Of a duplicate the row that it repeats. */
  duplicateOf?: number;
}

const TEXT_LENGTH = 240;

/** Dropped rows beside those that stand for them. */
export function droppedTable(dropped: ShownDropped[]): Html {
  return table(
    [
      { heading: 'dropped', width: 40 },
      { heading: 'kept row that stands for it', width: 40 },
      { heading: 'why', isShort: true },
      { heading: 'similarity', isNumber: true },
    ],
    dropped.map((one) => [
      shownRow(one),
      one.by === undefined ? '–' : shownRow(one.by),
      why(one),
      one.similarity === undefined ? '–' : one.similarity.toFixed(2),
    ]),
  );
}

function why({ reason, by, duplicateOf }: ShownDropped): Content {
  const isOther = duplicateOf !== undefined && duplicateOf !== by?.row;
  return isOther ? html`${reason}<br><small style="opacity: 0.65">of row ${duplicateOf}</small>` : reason;
}

function shownRow({ row, id, text, image }: ShownRow): Content {
  const picture = image === undefined ? undefined : html`<img alt="" src="${image}" width="120"><br>`;
  const name = id === undefined || id === row ? `row ${row}` : `row ${row} · ${id}`;
  const words = text === undefined || text === String(id) ? undefined : html`${beginning(text)}<br>`;
  return html`${picture}${words}<small style="opacity: 0.65">${name}</small>`;
}

function beginning(text: string): string {
  return text.length > TEXT_LENGTH ? `${text.slice(0, TEXT_LENGTH)} …` : text;
}
