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

/** A dropped row, and the rows that it was dropped for. */
export interface ShownDropped extends ShownRow {
  reason: string;
  /** The kept row that stands for it. */
  by?: ShownRow;
  /** The cosine to that, or to the row `against`. */
  similarity?: number;
  /** Of a duplicate the row that it repeats. */
  repeats?: ShownRow;
  /** The row of another file that it is too near to. */
  against?: ShownRow & { file: string };
}

const TEXT_LENGTH = 240;

/** Dropped rows beside those that stand for them, that they repeat, or that they are too near to. */
export function droppedTable(dropped: ShownDropped[]): Html {
  return table(
    [
      { heading: 'dropped', width: 40 },
      { heading: headingOf(dropped), width: 40 },
      { heading: 'why', isShort: true },
      { heading: 'similarity', isNumber: true },
    ],
    dropped.map((one) => [
      shownRow(one),
      rowBeside(one),
      one.reason,
      one.repeats ? '1' : similarityText(one.similarity),
    ]),
  );
}

/** What the rows beside dropped ones are. */
function headingOf(dropped: ShownDropped[]): string {
  const isDuplicate = dropped.some(({ repeats }) => repeats);
  const isAgainst = dropped.some(({ against }) => against);
  const hasKept = dropped.some(({ by, repeats }) => by && !repeats) || !(isDuplicate || isAgainst);
  const headings = [
    ...(hasKept ? ['kept row that stands for it'] : []),
    ...(isDuplicate ? ['row that it repeats'] : []),
    ...(isAgainst ? ['row of the other file'] : []),
  ];
  return headings.join(', or ');
}

function rowBeside({ by, similarity, repeats, against }: ShownDropped): Content {
  if (against) return shownRow(against, 'too near to ', ` of ${against.file}`);
  if (repeats === undefined) return by ? shownRow(by) : '–';
  if (by === undefined) return shownRow(repeats, 'repeats ');
  if (by.row === repeats.row) return shownRow(repeats, 'repeats ', ', kept');
  return html`${shownRow(repeats, 'repeats ')}<br><br>${shownRow(by, 'kept for both: ', `, similarity ${similarityText(similarity)}`)}`;
}

/** With as many digits as the report page, so that none seems to reach a limit that it does not. */
function similarityText(similarity: number | undefined): string {
  return similarity === undefined ? '–' : similarity.toFixed(3);
}

function shownRow({ row, id, text, image }: ShownRow, before = '', behind = ''): Content {
  const picture = image === undefined ? undefined : html`<img alt="" src="${image}" width="120"><br>`;
  const name = id === undefined || id === row ? `row ${row}` : `row ${row} · ${id}`;
  const words = text === undefined || text === String(id) ? undefined : html`${beginning(text)}<br>`;
  return html`${picture}${words}<small style="opacity: 0.65">${before}${name}${behind}</small>`;
}

function beginning(text: string): string {
  return text.length > TEXT_LENGTH ? `${text.slice(0, TEXT_LENGTH)} …` : text;
}
