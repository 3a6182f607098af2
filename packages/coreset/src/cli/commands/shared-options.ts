import { DIFFICULTIES } from '@coreset/difficulty';
import { DTYPES, LONGS, POOLINGS } from '@coreset/embedder';
import { GRAPH_BACKENDS } from '@coreset/graph';
import { CPU, DEVICE_NAMES } from '@coreset/kernels';
import { MAP_CHOICES } from '@coreset/report';
import { TURNS } from '@coreset/rows';
import { METHODS, requireNearDuplicate } from '@coreset/selector';
import { type Command, Option } from 'commander';
import { PRESETS } from '../../defaults.js';
import { ON_BAD_ROW } from '../../input/corpus-options.js';
import { requireSimilarity } from '../../input/other-inputs.js';
import { INPUT_FORMATS } from '../../input/spool.js';
import { cosine, notNegative, numeric, positive, repeatable, seed } from '../command-line.js';
import { completes } from '../completion/values.js';
import { GROUPS } from '../help/groups.js';

/** What the argument of a command that reads rows may be. */
export const INPUT =
  'files (JSONL, JSON, CSV, TSV, Parquet, Arrow or text, a line a row, packed or not; vectors: .npy, .npz, .safetensors), a pattern in quotes, a folder of shards or of images, an https address; - is standard input';

/** What is said of --keep. */
export const KEEP =
  'what to KEEP: a share (0.3 or 30%) or a number of rows (3600, 10k), with --cost of its unit (10M); may be left out beside --max-similarity';

/** Options that say which rows and fields are read. */
export function addCorpusOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.input)
    .addOption(
      repeatable(
        '--text <field>',
        'field or path to embed, such as doc.body or messages[-1].content (default: text, chat turns, the only text, or content or body)',
      ),
    )
    .option('--template <text>', 'text to embed, with fields in braces: "{instruction}\\n{input}"')
    .addOption(new Option('--turns <which>', 'turns of chat rows that count (default: all)').choices(TURNS))
    .option('--image <field>', 'field with the path of an image file, to embed images; needs --model')
    .option('--image-folder <dir>', 'folder that these paths are relative to (default: that of the input)')
    .option('--vector <field>', 'field with a list of numbers: the vector of the row, in place of a text')
    .option('--embeddings <file>', 'vectors of the rows in a file (.npy, .npz, .safetensors), in place of texts')
    .option('--member <name>', 'which array of an .npz, or tensor of a .safetensors, file of vectors')
    .option('--id <field>', 'field with a unique id, or none (default: id, where it is one)')
    .addOption(
      new Option('--on-bad-row <what>', 'a row without text or image, or that cannot be read (default: fail)').choices(
        ON_BAD_ROW,
      ),
    )
    .option('--delimiter <text>', 'what separates the fields of a CSV file (default: as its header shows)')
    .option('--encoding <name>', 'character encoding of text formats, such as windows-1252 (default: utf-8)')
    .addOption(
      new Option('--input-format <format>', 'format of piped input (default: as its first bytes show)').choices(
        INPUT_FORMATS,
      ),
    );
}

/** Options that name other rows than those that are selected from. */
export function addOtherOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.others)
    .option(
      '--against <file>',
      'rows not to be repeated, such as a test set: what is too near to one of them is dropped',
    )
    .addOption(
      numeric(
        '--against-similarity <s>',
        'cosine from which a row is too near to one of --against, above 0 to 1 (default: 0.9)',
        requireSimilarity,
      ),
    )
    .option('--toward <file>', 'rows that the method toward selects for, which they imply')
    .option('--away <file>', 'rows that it keeps away from');
}

/** Options of the embedding model. */
export function addModelOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.model)
    .option(
      '--model <model>',
      'model folder, hub id or bundled name: all-MiniLM-L6-v2 (default, for English texts), static (English, fastest) or static-multilingual',
    )
    .addOption(
      new Option('--dtype <dtype>', 'weights to load (default: q8)').choices(DTYPES).helpGroup(GROUPS.advanced),
    )
    .addOption(
      completes(
        new Option(
          '--device <device>',
          `where the model runs: ${DEVICE_NAMES.join(', ')}, as far as the machine has them (default: ${CPU})`,
        ),
        DEVICE_NAMES,
      ).helpGroup(GROUPS.advanced),
    )
    .option(
      '--prefix <text>',
      'set before each text, such as "query: " for E5 models (default: the prompt that the model names, if any)',
    )
    .addOption(
      new Option(
        '--pooling <pooling>',
        'how tokens become one vector (default: as the model says, else mean; of images cls)',
      ).choices(POOLINGS),
    )
    .addOption(
      new Option(
        '--normalise',
        "scale vectors to length 1 (default: as the model's modules.json says, else yes)",
      ).helpGroup(GROUPS.advanced),
    )
    .addOption(new Option('--no-normalise', 'leave them as long as they are').helpGroup(GROUPS.advanced))
    .addOption(
      numeric(
        '--max-tokens <n>',
        "tokens read of a text, at most the model's positions (default: 256; all of a static model)",
        positive,
      ),
    )
    .addOption(
      new Option('--long <how>', 'of longer texts: the beginning, or the mean of all parts (default: head)').choices(
        LONGS,
      ),
    )
    .addOption(
      numeric(
        '--batch-size <n>',
        'texts or images per inference; at 1 a row depends on itself alone (default: 1; on a GPU 64 texts or 16 images)',
        positive,
      ).helpGroup(GROUPS.advanced),
    )
    .option('--cache <dir>', 'folder that keeps vectors for all runs that name it, so that no text is embedded twice')
    .addOption(
      new Option(
        '--cache-size <size>',
        'the most that it holds, such as 500MB or 10GB: what was not used for longest goes first (default: 10GB)',
      ).helpGroup(GROUPS.advanced),
    );
}

/** Options of the difficulty score. */
export function addDifficultyOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.selection)
    .addOption(
      new Option(
        '--difficulty <what>',
        'distance to the nearest prototype, or training dynamics of a logistic regression on the embeddings, with --labels or else with prototypes as pseudo-classes (default: prototype)',
      ).choices(DIFFICULTIES),
    )
    .addOption(
      numeric(
        '--prototypes <p>',
        'number of k-means prototypes (default: √rows, at most 1000; as pseudo-classes at most 100)',
        positive,
      ).helpGroup(GROUPS.advanced),
    );
}

/** Options of the neighbour graph. */
export function addGraphOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.advanced)
    .addOption(numeric('--k <k>', 'neighbours per row (default: 32; 10 under --preset paper)', positive))
    .addOption(
      new Option(
        '--backend <backend>',
        'neighbour search: auto is exact up to some 88,000 rows, then ivf with recall ≥ 0.98 (default: auto)',
      ).choices(GRAPH_BACKENDS),
    );
}

/** How rows are laid out for the report. */
export function mapOption(): Option {
  return new Option(
    '--map <method>',
    'map of the rows for the report: umap, pca or none (default: auto, umap of up to 50,000 rows, pca of more)',
  ).choices(MAP_CHOICES);
}

/** Options that choose the selector, and those of selectors other than D2. */
export function addMethodOptions(command: Command): Command {
  command
    .optionsGroup(GROUPS.selection)
    .addOption(
      new Option(
        '--preset <preset>',
        'auto, or paper: D2 as published (default: auto; options of D2 imply paper)',
      ).choices(PRESETS),
    )
    .addOption(new Option('--method <method>', 'any selector by name').choices(Object.keys(METHODS)))
    .addOption(
      new Option(
        '--duplicates <what>',
        'keep at most one of identical rows, or treat them like others (default: drop)',
      ).choices(['drop', 'keep']),
    );
  return addCcsOptions(command)
    .addOption(
      numeric(
        '--difficulty-weight <d>',
        'how much difficulty counts in auto, 0 to 1 (default: 0; 0.5 when prune gets --scores, or a --difficulty other than prototype)',
        notNegative,
      ),
    )
    .addOption(
      numeric('--lambda <l>', 'weight of representation in graph-cut (default: 1)', notNegative).helpGroup(
        GROUPS.advanced,
      ),
    );
}

/** Options of the reasons for which rows are dropped. */
export function addReasonOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.selection)
    .addOption(
      numeric(
        '--near-duplicate <s>',
        'similarity to a kept row, 0 to 1, from which a dropped row is told to be a near-duplicate (default: 0.9)',
        (name, value) => requireNearDuplicate(value, name),
      ),
    );
}

/** Options that steer a selection, whatever its method. */
export function addSteeringOptions(command: Command): Command {
  return command
    .optionsGroup(GROUPS.steering)
    .option(
      '--include <field|file>',
      'rows that stay, come first and count: a field of true and false, or a file of ids, row numbers or marks',
    )
    .option('--exclude <field|file>', 'rows that go, and need nothing that stands for them; as --include')
    .addOption(
      numeric(
        '--max-similarity <s>',
        'of rows with a cosine of this or more (up to 1) one is kept; alone, without --keep, this removes near-duplicates',
        cosine,
      ).helpGroup(GROUPS.budget),
    )
    .option(
      '--prefer <field[:desc]>',
      'which of near-duplicates stays: the one with the least value of a field, file or length, with :desc the greatest',
    )
    .option(
      '--balance <field[:how]>',
      'groups that share the budget: equal (also when nothing is said), sqrt or proportional to their sizes',
    )
    .addOption(numeric('--group-minimum <n>', 'rows that each group of --balance gets at least', notNegative))
    .addOption(
      completes(
        new Option(
          '--cost <field|file|tokens|bytes>',
          'what a row costs: --keep is a sum of that, and the gain per cost decides',
        ).helpGroup(GROUPS.budget),
        ['tokens', 'bytes'],
      ),
    );
}

/** Options of `ccs`, of which `d2-cutoff` has one. */
export function addCcsOptions(command: Command): Command {
  return command
    .addOption(numeric('--strata <n>', 'strata of ccs (default: 50)', positive).helpGroup(GROUPS.advanced))
    .addOption(
      numeric(
        '--cutoff <share>',
        'share of the hardest rows that ccs (default: 0) and d2-cutoff (0.1) cut off',
        notNegative,
      ).helpGroup(GROUPS.advanced),
    );
}

/** Options of D2's message passing. */
export function addD2Options(command: Command): Command {
  return command
    .optionsGroup(GROUPS.d2)
    .addOption(
      numeric('--gamma-forward <f>', 'γ_f: how fast forward messages fade with distance (default: 1)', notNegative),
    )
    .addOption(
      numeric('--gamma-reverse <r>', 'γ_r: how fast reverse messages fade with distance (default: 1)', notNegative),
    )
    .addOption(
      new Option('--kernel <kernel>', 'w = exp(−γd²) or exp(−γd) (default: exponential)').choices([
        'gaussian',
        'exponential',
      ]),
    )
    .addOption(
      new Option('--aggregate <how>', "x' = x + Σ or x · Σ of messages (default: sum)").choices(['sum', 'product']),
    )
    .addOption(
      new Option('--reverse <how>', 'reverse messages of weight w or 1 (default: weighted)').choices([
        'weighted',
        'absolute',
      ]),
    )
    .addOption(
      new Option('--graph-edges <which>', 'edges listed by either side, or own list only (default: symmetric)').choices(
        ['symmetric', 'directed'],
      ),
    )
    .addOption(
      new Option(
        '--below-zero <what>',
        'what a pick with a score below zero does to its neighbours (default: raise)',
      ).choices(['raise', 'silent']),
    );
}

/** The seed of every random choice. */
export function addSeedOption(command: Command): Command {
  return command
    .optionsGroup(GROUPS.selection)
    .addOption(numeric('--seed <s>', 'seed of every random choice, a whole number from 0 (default: 0)', seed));
}
