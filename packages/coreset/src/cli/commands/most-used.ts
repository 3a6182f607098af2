type MostUsed = Readonly<Record<string, string>>;

const TEXT_SHORT =
  'field to embed, such as title or doc.body; may be given several times (default: text, or what looks like it)';
const INPUT_SHORT =
  'files (JSONL, JSON, CSV, Parquet, Arrow, text, .npy …), a folder, a pattern in quotes, an https address; - is standard input';
const MODEL_SHORT = 'model folder or hub id (default: all-MiniLM-L6-v2, bundled, for English texts)';

/** What the short help of commands that embed says. */
export const EMBED_MOST_USED: MostUsed = {
  input: INPUT_SHORT,
  '--text': TEXT_SHORT,
  '--model': MODEL_SHORT,
  '--out': '.npy file to write',
};

/** What the short help of `prune` and `plan` says. */
export const PRUNE_MOST_USED: MostUsed = {
  input: INPUT_SHORT,
  '--keep': 'what to KEEP: a share (0.3 or 30%) or a number of rows (3600, 10k)',
  '--text': TEXT_SHORT,
  '--model': MODEL_SHORT,
  '--out': 'file for the kept rows; its extension says the format (default: kept.EXT in the run directory)',
};

/** What the short help of `compare` says. */
export const COMPARE_MOST_USED: MostUsed = {
  input: INPUT_SHORT,
  '--keep': 'what to KEEP, separated by commas: shares or numbers of rows (default: 0.05,0.1,0.3,0.5)',
  '--methods': 'selectors, separated by commas (default: seven, random among them)',
  '--text': TEXT_SHORT,
  '--labels': 'class of each row, to train a linear probe on what each method keeps',
};

/** What the short help of `select` says. */
export const SELECT_MOST_USED: MostUsed = {
  '--keep': 'what to KEEP: a share (0.3 or 30%) or a number of rows (3600, 10k)',
  '--graph': 'folder that coreset graph wrote',
  '--scores': 'one score per row: .npy, or text with a number per line',
  '--out': 'JSON file to write',
};
