import { formatCount } from '@coreset/core';
import { type Html, html } from './html.js';
import { table } from './table.js';

/** A measured value: its mean and standard deviation over the seeds. */
export interface MeasuredValue {
  mean: number;
  deviation: number;
  isBest?: boolean;
  /** What stands behind it, explained in the legend. */
  marks?: string;
}

/** A method at a budget. */
export interface ComparedMethod {
  method: string;
  /** As it was asked for. */
  keep: string | number;
  /** Rows kept. */
  kept: number;
  /** By the names of the measures. */
  values: Readonly<Record<string, MeasuredValue | undefined>>;
}

/** What stands below compared methods. */
export interface ComparisonLegend {
  /** Headings and signs, and what they mean. */
  signs: { sign: string; meaning: string }[];
  /** A line each. */
  notes: string[];
}

/**
 * A table per budget, as wide as its numbers are, in a frame that scrolls where they do not fit.
 * @param measures their names with their headings
 */
export function comparisonView(
  methods: ComparedMethod[],
  measures: { name: string; heading: string }[],
  { signs, notes }: ComparisonLegend,
): Html {
  const blocks = [...new Set(methods.map(({ keep }) => keep))].map((keep) => {
    const block = methods.filter((one) => one.keep === keep);
    const columns = [
      { heading: 'method', isShort: true },
      ...measures.map(({ heading }) => ({ heading, isNumber: true })),
    ];
    const rows = block.map(({ method, values }) => [
      html`<code>${method}</code>`,
      ...measures.map(({ name }) => cell(values[name])),
    ]);
    return html`<p><b>${formatCount(block[0].kept)} rows kept</b> (<code>keep: ${keep}</code>)</p>\n<div style="overflow-x: auto">${table(columns, rows)}</div>\n`;
  });
  const meanings = table(
    [{ heading: 'heading or sign', isShort: true }, { heading: 'what it says' }],
    signs.map(({ sign, meaning }) => [sign, meaning]),
  );
  const lines = notes.map((note) => html`${note}<br>`);
  return html`${blocks}<div style="font-size: 85%; opacity: 0.75">${meanings}<p>${lines}</p></div>`;
}

function cell(value: MeasuredValue | undefined): Html {
  if (value === undefined) return html`–`;
  const { mean, deviation, isBest, marks } = value;
  const spread = deviation >= 0.0005 ? ` ± ${deviation.toFixed(3)}` : '';
  const text = html`${mean.toFixed(3)}${spread}${marks && html`<sup>${marks}</sup>`}`;
  return isBest ? html`<b>${text}</b>` : text;
}
