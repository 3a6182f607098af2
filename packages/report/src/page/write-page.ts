import { readFileSync } from 'node:fs';
import { CoresetError, writeFileAtomic } from '@coreset/core';
import type { ReportData } from '../report-data.js';
import { packToText } from './packed.js';

/** What the bundler made of `page/`, in the package beside the modules. */
const BUNDLE = new URL('./bundle/', import.meta.url);

/**
 * Nothing is loaded but pictures of the corpus, and nothing is sent. `unsafe-eval` is for the drawing commands that regl
 * compiles; data is never among them.
 */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src 'self' file: https: data: blob:; form-action 'none'; base-uri 'none'";

/** Write a report as one file that needs no server and no network, only the pictures of the corpus where it is one of pictures. */
export async function writeReportPage(path: string, data: ReportData): Promise<void> {
  await writeFileAtomic(path, await reportPage(data));
}

/** The page as text. @throws CoresetError where the package was not built */
export async function reportPage(data: ReportData): Promise<string> {
  const script = bundled('page.js');
  const style = bundled('page.css');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="coreset ${escaped(data.version)}">
<title>Coreset of ${escaped(data.name)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="page"><p class="loading">Unpacking the rows …</p></div>
<noscript><p class="loading">This page needs JavaScript. The same numbers are in the run directory, in selection.json, selected.jsonl and dropped.jsonl.</p></noscript>
<script type="text/plain" id="data">${await packToText(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function bundled(name: string): string {
  try {
    return readFileSync(new URL(name, BUNDLE), 'utf8');
  } catch (error) {
    throw new CoresetError(`the report page was not built into @coreset/report: npm run build makes it`, {
      cause: error,
    });
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
