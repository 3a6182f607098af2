import { Command, Option } from 'commander';
import { explainRows, type NamedBy, rowsOfNames } from '../../results/explain-rows.js';
import { findRun } from '../../results/find-run.js';
import { openResults } from '../../results/results.js';
import { coloursOf } from '../colours.js';
import { explanationText } from '../explanation-text.js';
import { GROUPS } from '../help/groups.js';
import { addHelpTexts } from '../help/texts.js';

const EXAMPLE = `coreset explain corpus.coreset 17 libapophenia2

tells why row 17 and the row with the id libapophenia2 were kept or dropped: the kept row that stands for a
dropped one, the rows for which a kept one stands, and the nearest rows.`;

/** Columns of what is no terminal. */
const WIDTH = 100;

/** What an argument that names a run may be. */
export const RUN = 'run directory, such as corpus.coreset, or the input whose run directory is here';

/** `coreset explain` */
export function explainCommand(): Command {
  const command = new Command('explain')
    .description('Say why rows were kept or dropped, and what stands for them')
    .argument('<run>', RUN)
    .argument('<row...>', 'ids or row numbers from 0; what is both is an id')
    .optionsGroup(GROUPS.input)
    .addOption(new Option('--row', 'all are row numbers').conflicts('id'))
    .option('--id', 'all are ids')
    .optionsGroup(GROUPS.output)
    .option('--json', 'print one JSON object on standard output');
  return addHelpTexts(command, { example: EXAMPLE }).action(
    async (run: string, names: string[], { row, id, json }: { row?: boolean; id?: boolean; json?: boolean }) => {
      const results = await openResults(findRun(run));
      const namedBy: NamedBy = row ? 'row' : id ? 'id' : undefined;
      const { rows, notes } = await explainRows(results, await rowsOfNames(results, names, namedBy));
      if (json) {
        process.stdout.write(`${JSON.stringify({ rows, notes }, withoutBigints)}\n`);
        return;
      }
      for (const note of notes) process.stderr.write(`note: ${note}\n`);
      const { columns = WIDTH } = process.stdout;
      const texts = rows.map((one) => explanationText(one, columns, coloursOf(process.stdout)).join('\n'));
      process.stdout.write(`${texts.join('\n\n')}\n`);
    },
  );
}

/** JSON has no bigint: an id with all of its digits is a text there. */
function withoutBigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
