import { formatCount } from '@coreset/core';
import { type Html, html } from './html.js';
import { table } from './table.js';

/** A measure of all methods. */
export interface Measure {
  name: string;
  heading: string;
  meaning: string;
  /** Which way is better; undefined where neither is. */
  better?: 'less' | 'more';
}

/** Mean and standard deviation over the seeds. */
export interface MeanAndDeviation {
  mean: number;
  deviation: number;
}

/** A method at a budget. */
export interface ComparedMethod {
  method: string;
  /** As it was asked for. */
  keep: string | number;
  /** Rows kept. */
  kept: number;
  values: Readonly<Record<string, MeanAndDeviation | undefined>>;
}

/** A table per budget; the best of each column is bold, and so is what cannot be told from it. */
export function comparisonView(methods: ComparedMethod[], measures: Measure[]): Html {
  const shown = measures.filter(({ name }) => methods.some(({ values }) => values[name] !== undefined));
  const blocks = [...new Set(methods.map(({ keep }) => keep))].map((keep) => {
    const block = methods.filter((one) => one.keep === keep);
    const rows = block.map(({ method, values }) => [
      html`<code>${method}</code>`,
      ...shown.map((measure) => cell(values[measure.name], isAmongBest(measure, values[measure.name], block))),
    ]);
    const columns = [{ heading: 'method' }, ...shown.map(({ heading }) => ({ heading, isNumber: true }))];
    return html`<p><b>${formatCount(block[0].kept)} rows kept</b> (<code>keep: ${keep}</code>)</p>\n${table(columns, rows)}\n`;
  });
  const meanings = shown.map(
    ({ heading, meaning, better }) => html`<li><b>${heading}</b>: ${meaning}${better && `, ${better} is better`}</li>`,
  );
  return html`${blocks}<p><small>± is the standard deviation over the seeds. Bold: the best of a column, and what is no farther from it than both deviations together, which is noise.</small></p>\n<small><ul>${meanings}</ul></small>`;
}

function cell(value: MeanAndDeviation | undefined, isBold: boolean): Html {
  if (value === undefined) return html`–`;
  const text = value.deviation > 0 ? `${value.mean.toFixed(3)} ± ${value.deviation.toFixed(3)}` : value.mean.toFixed(3);
  return isBold ? html`<b>${text}</b>` : html`${text}`;
}

function isAmongBest({ name, better }: Measure, value: MeanAndDeviation | undefined, block: ComparedMethod[]): boolean {
  if (better === undefined || value === undefined) return false;
  const sign = better === 'less' ? -1 : 1;
  const all = block.flatMap(({ values }) => values[name] ?? []);
  const best = all.reduce((a, b) => (sign * b.mean > sign * a.mean ? b : a));
  return Math.abs(best.mean - value.mean) <= best.deviation + value.deviation;
}
