import { type Content, type Html, html } from './html.js';

/** A column of a table; numbers stand at the right. */
export interface Column {
  heading: string;
  isNumber?: boolean;
  /** Its texts are not broken into lines. */
  isShort?: boolean;
  /** In percent of the table. */
  width?: number;
}

const CELL = 'padding: 0.3em 0.8em 0.3em 0.3em; vertical-align: top';

/** A table that says all by its own attributes, for viewers that drop style sheets. */
export function table(columns: Column[], rows: Content[][]): Html {
  const cell = (content: Content, { isNumber, isShort, width }: Column, isHeading: boolean): Html => {
    const align = isNumber ? 'right' : 'left';
    const style = `text-align: ${align}; ${CELL}; ${isNumber || isShort ? 'white-space: nowrap' : 'white-space: normal; overflow-wrap: anywhere'}${isNumber ? '; font-variant-numeric: tabular-nums' : ''}${width ? `; width: ${width}%` : ''}`;
    return isHeading
      ? html`<th align="${align}" style="${style}">${content}</th>`
      : html`<td align="${align}" style="${style}">${content}</td>`;
  };
  const head = columns.map((column) => cell(column.heading, column, true));
  const body = rows.map((row) => html`<tr>${row.map((content, i) => cell(content, columns[i], false))}</tr>\n`);
  return html`<table style="border-collapse: collapse; margin: 0.5em 0"><thead><tr>${head}</tr></thead><tbody>\n${body}</tbody></table>`;
}
