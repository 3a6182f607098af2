import { type Html, html } from './html.js';

/**
 * A whole page in a frame of its own, from which it reaches neither the notebook nor its server.
 * @param page its HTML, which must need no file beside it
 * @param height in CSS pixels
 */
export function pageFrame(page: string, height: number): Html {
  return html`<iframe title="Report" sandbox="allow-scripts allow-downloads" allow="clipboard-write" width="100%" height="${height}" style="border: 0" srcdoc="${page}"></iframe>`;
}
