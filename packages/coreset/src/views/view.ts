import { type MimeBundle, type ShowsItself, showAs } from '@coreset/core';
import type { Html } from '@coreset/report';

/** What a notebook shows of a result. */
export interface Shown {
  html: Html;
  /** The same for those who see text alone. */
  text: string;
}

/** A view of a result, which shows itself where it is the last expression of a notebook's cell; what it shows is found then. */
export interface View extends ShowsItself {}

export function viewThat(show: () => Promise<Shown>): View {
  return showAs({}, () => bundleOf(show()));
}

export async function bundleOf(shown: Shown | Promise<Shown>): Promise<MimeBundle> {
  const { html, text } = await shown;
  return { 'text/html': html.text, 'text/plain': text };
}
