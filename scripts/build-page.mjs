// Bundles the report page (packages/report/page) as one script and one style sheet, which each report.html holds.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { buildSync } = createRequire(new URL('../packages/report/package.json', import.meta.url))('esbuild');

buildSync({
  absWorkingDir: fileURLToPath(new URL('../packages/report', import.meta.url)),
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
  legalComments: 'none',
  logLevel: 'warning',
});
