// Bundles the report page (packages/report/page) as one script and one style sheet, which each report.html holds.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { buildSync } = createRequire(new URL('../packages/report/package.json', import.meta.url))('esbuild');

const folder = fileURLToPath(new URL('../packages/report', import.meta.url));
const { metafile } = buildSync({
  absWorkingDir: folder,
  entryPoints: [
    { in: 'page/main.tsx', out: 'page' },
    { in: 'page/style/page.css', out: 'page' },
  ],
  outdir: 'dist/page/bundle',
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome109', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  charset: 'ascii',
  banner: {
    js: '/* Holds preact, regl, regl-scatterplot and pub-sub-es, under the MIT licence: licences.txt of @coreset/report. */',
  },
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
});

/** The licences of what the page is made of ask to go with it. */
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /^.*node_modules\/((@[^/]+\/)?[^/]+)(?=\/)/.exec(path)?.[0] ?? []),
);
const licences = [...packages].sort().map((path) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, path, 'package.json'), 'utf8'));
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license'].find((one) => existsSync(join(folder, path, one)));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, path, file), 'utf8').trim();
  return `${name} ${version}\n\n${text}\n`;
});
writeFileSync(join(folder, 'dist/page/bundle/licences.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
