import { CoresetError } from '../errors/error.js';

/** What a notebook shows of a value: the same thing in several forms, by their media types; the notebook takes the richest that it can show. */
export interface MimeBundle {
  'text/plain'?: string;
  'text/html'?: string;
  'image/svg+xml'?: string;
  readonly [type: string]: unknown;
}

/** The method by which a value shows itself in a notebook (the protocol of Deno's kernel for Jupyter). */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for('Jupyter.display');

/** A value that shows itself where it is the last expression of a notebook's cell. */
export interface ShowsItself {
  [JUPYTER_DISPLAY](): MimeBundle | Promise<MimeBundle>;
}

/** Let a value show itself in notebooks. The method is not enumerable: JSON, copies and comparisons of the value stay as they are. @returns the same value */
export function showAs<Value extends object>(
  value: Value,
  bundle: (this: Value) => MimeBundle | Promise<MimeBundle>,
): Value & ShowsItself {
  return Object.defineProperty(value, JUPYTER_DISPLAY, { value: bundle, configurable: true }) as Value & ShowsItself;
}

/**
 * The HTML that a notebook would show of a value, for kernels and pages that do not ask for it themselves:
 * `display.html(await htmlOf(result))`.
 *
 * @throws CoresetError when the value does not show itself
 */
export async function htmlOf(value: unknown): Promise<string> {
  const show = (value as Partial<ShowsItself> | null | undefined)?.[JUPYTER_DISPLAY];
  if (typeof show !== 'function')
    throw new CoresetError('htmlOf takes what shows itself in notebooks, such as the result of prune or a view of it');
  const { 'text/html': html, 'text/plain': text = '' } = await show.call(value);
  return html ?? `<pre>${escapeHtml(text)}</pre>`;
}

/** A text as HTML that shows it, also inside of an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
