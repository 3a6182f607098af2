import { formatCount } from '@coreset/core';
import type { RelatedRow, RowExplanation } from '../results/explain-rows.js';
import type { ShownRow } from '../results/input-rows.js';
import type { Colours } from './colours.js';

const LABEL = 14;
/** Lines that the text of the row itself may take. */
const LINES = 4;
const LEAST_WIDTH = 40;

/** What is known of a row, for people. @param width columns of the terminal */
export function explanationText(row: RowExplanation, width: number, colours: Colours): string[] {
  const { bold, green, red, dim } = colours;
  const room = Math.max(LEAST_WIDTH, width) - LABEL;
  const line = (label: string, text: string): string => `${dim(label.padEnd(LABEL))}${text}`;
  const other = (label: string, { similarity, kept, ...one }: RelatedRow, mark = true): string => {
    const cosine = similarity === undefined ? '' : `${similarity.toFixed(3)}  `;
    const state = mark ? (kept ? 'kept     ' : 'dropped  ') : '';
    const before = `${cosine}${state}${nameOf(one)}  `;
    const shown = `${mark ? `${cosine}${kept ? green(state) : dim(state)}` : cosine}${nameOf(one)}  `;
    return line(label, `${shown}${dim(cut(contentOf(one), room - before.length))}`);
  };
  const list = (label: string, rows: RelatedRow[], mark: boolean): string[] =>
    rows.map((one, i) => other(i === 0 ? label : '', one, mark));
  const lines = [bold(nameOf(row))];
  const content = contentOf(row);
  if (content !== '') lines.push(...wrapped(content, room).map((part, i) => line(i === 0 ? 'text' : '', part)));
  if (row.reason !== undefined) lines.push(line('dropped', `${red(row.reason)}: ${row.meaning}`));
  if (row.kept && row.rank === undefined) lines.push(line('kept', 'with nothing to embed, as was asked for'));
  if (row.rank !== undefined)
    lines.push(
      line(
        'kept',
        `${green(`pick ${formatCount(row.rank)}`)}, worth ${Number(row.gain?.toPrecision(4))}; stands for ${formatCount(row.weight ?? 1)} ${row.weight === 1 ? 'row, itself' : 'rows, itself among them'}`,
      ),
    );
  if (row.duplicateOf) lines.push(other('repeats', row.duplicateOf));
  if (row.by) lines.push(other('stood for by', row.by, false));
  if (row.against)
    lines.push(line('too near to', `row ${row.against.row} of --against, ${row.against.similarity.toFixed(3)}`));
  if (row.difficulty) {
    const { value, percentile } = row.difficulty;
    lines.push(line('difficulty', `${value.toFixed(3)}, harder than ${percentile.toFixed(0)} % of the rows`));
  }
  lines.push(...list('stands for', row.standsFor ?? [], false), ...list('neighbours', row.neighbours, true));
  return lines;
}

function nameOf({ row, id }: ShownRow): string {
  return id === undefined ? `row ${row}` : `row ${row} · ${onOneLine(String(id))}`;
}

function contentOf({ text, image }: ShownRow): string {
  return onOneLine((text ?? image ?? '').slice(0, 10_000));
}

/** No escape of a terminal, no line break. */
function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

function cut(text: string, room: number): string {
  const most = Math.max(10, room);
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== '' && lines.length < LINES - 1) {
    const letters = Array.from(rest);
    if (letters.length <= room) break;
    const part = letters.slice(0, room).join('');
    const at = part.lastIndexOf(' ') > room / 2 ? part.lastIndexOf(' ') : part.length;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return rest === '' ? lines : [...lines, cut(rest, room)];
}
