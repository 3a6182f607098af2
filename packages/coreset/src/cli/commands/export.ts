import { formatCount } from '@coreset/core';
import { shellWord } from '@coreset/report';
import { Command, Option } from 'commander';
import { EXPORT_FORMATS, type ExportFormat, exportRun } from '../../results/export-run.js';
import { findRun } from '../../results/find-run.js';
import { openResults } from '../../results/results.js';
import { GROUPS } from '../help/groups.js';
import { addHelpTexts } from '../help/texts.js';
import { RUN } from './explain.js';

const EXAMPLE = `coreset export corpus.coreset --format embedding-atlas --out atlas.parquet
embedding-atlas atlas.parquet --x x --y y --neighbors neighbors

The first writes all rows with their place on the map, neighbours, difficulty, and whether and why they were
kept or dropped. The second, of Python, opens them as a map.`;

/** `coreset export` */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('Write all rows with what a run says of each, for other tools')
    .argument('<run>', RUN)
    .optionsGroup(GROUPS.output)
    .addOption(new Option('--format <format>', 'of the file').choices(EXPORT_FORMATS).makeOptionMandatory())
    .requiredOption('--out <file>', 'where it goes')
    .option('--json', 'print one JSON object on standard output');
  return addHelpTexts(command, { example: EXAMPLE }).action(
    async (run: string, { format, out, json }: { format: ExportFormat; out: string; json?: boolean }) => {
      const results = await openResults(findRun(run));
      const onNotice = (notice: string): void => {
        process.stderr.write(`note: ${notice}\n`);
      };
      const { rows, columns } = await exportRun(results, format, out, { onNotice });
      if (json) {
        process.stdout.write(`${JSON.stringify({ rows, out, columns })}\n`);
        return;
      }
      const { x, y, neighbors } = columns;
      const next = `embedding-atlas ${shellWord(out)} --x ${x} --y ${y} --neighbors ${neighbors}`;
      process.stdout.write(`${formatCount(rows)} rows: ${out}\n${format === 'embedding-atlas' ? `${next}\n` : ''}`);
    },
  );
}
