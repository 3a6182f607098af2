import { escapeHtml, showAs } from '@coreset/core';

/** HTML or SVG, as against a text. It shows itself in notebooks. */
export class Html {
  constructor(readonly text: string) {}
}

showAs(Html.prototype, function (this: Html) {
  return { 'text/html': this.text };
});

export type Content = Html | string | number | undefined | readonly Content[];

/** HTML with contents put in: a text or number is escaped, HTML stays, a list is joined, undefined is nothing. */
export function html(parts: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(parts.reduce((text, part, i) => text + part + (i < contents.length ? textOf(contents[i]) : ''), ''));
}

function textOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  return content.map(textOf).join('');
}
