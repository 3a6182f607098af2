/** Place in {@link ReportData.reasons} of a row that is kept. */
export const NO_REASON = 255;

/** What {@link ShownRows.cosines} are in: cosine × 10,000, rounded. */
export const COSINE_UNIT = 10_000;

/** Where there is no cosine. */
export const NO_COSINE = -32_768;

/** The rows of a corpus that a page can show one by one: all of them, or a sample. Each array has a value for each of these rows. */
export interface ShownRows {
  /** Their numbers in the input, from 0, ascending. */
  rows: Int32Array;
  ids?: string[];
  /** The beginning of each text. */
  texts?: string[];
  /** Where each picture is, from the folder of the page; '' where a row has none. */
  images?: string[];
  /** The place of each row on the map, where there is one; NaN for a row without a vector. */
  x?: Float32Array;
  y?: Float32Array;
  /** For how many rows of the corpus a kept row stands, itself among them; 0 for others. */
  weight: Int32Array;
  /** From 0 to 1; NaN for a row without a vector. */
  difficulty: Float32Array;
  /** Places in {@link ReportData.reasons}; {@link NO_REASON} for a row that is kept. */
  reason: Uint8Array;
  /** The kept row that stands for a dropped one, as a row of the input; −1 where there is none. */
  by: Int32Array;
  /** The cosine of both in units of {@link COSINE_UNIT}; {@link NO_COSINE} where there is none. */
  similarity: Int16Array;
  /** Of a duplicate the row that it repeats, as a row of the input; −1 otherwise. */
  duplicateOf: Int32Array;
  /** Neighbours per row. */
  k: number;
  /** rows × k: the nearest neighbours as rows of the input, nearest first; −1 behind the last. */
  neighbours: Int32Array;
  /** rows × k: the cosine to each, as {@link similarity}. */
  cosines: Int16Array;
  /** Tokens that the model read, those behind its limit, and of the first those that it does not know. */
  tokens?: Int32Array;
  cut?: Int32Array;
  unknown?: Int32Array;
}

/** How often each value of a field occurs. */
export interface FieldComposition {
  /** Its path, such as `meta.lang`. */
  name: string;
  /** The values, the most frequent first. Where there are {@link others} one place behind the last is theirs. */
  values: string[];
  /** How many more values are counted together; 0 for none. */
  others: number;
  /** Rows of the whole corpus with each value. */
  counts: Uint32Array;
  /** The place of the value of each pick, in the order of picks. */
  picks: Uint8Array;
  /** The place of the value of each shown row. */
  shown: Uint8Array;
}

/** A part of a command line: a text as the shell takes it, the run directory, or the number of picks. */
export type CommandPart = string | { of: 'run' | 'budget' };

/** A command line that makes something of the first picks. */
export interface BudgetCommand {
  what: string;
  /** One behind the other, with nothing between. */
  command: CommandPart[];
}

/** What a report page shows. */
export interface ReportData {
  /** Of the corpus. */
  name: string;
  /** Of this software. */
  version: string;
  method: string;
  /** What texts or images were embedded by; undefined of vectors that were there. */
  model?: string;
  /** Whether the first n picks are what the method would pick for a budget of n; otherwise they still are a smaller coreset. */
  isNested: boolean;
  /** Rows of the input, and those kept. */
  rows: number;
  kept: number;
  /** Rows kept without being picked, since there is nothing of them to embed. */
  keptUnseen: number;
  /** The kept rows of the input, in the order of picks. */
  order: Int32Array;
  commands: BudgetCommand[];
  /** Why rows were dropped, in the order of the page, of the whole corpus. */
  reasons: { reason: string; meaning: string; count: number }[];
  /** What people should know of the rows, a line each. */
  notes: string[];
  /** Mean Euclidean distance of a row to the nearest kept row, by the number of rows kept. */
  coverage: { budgets: Int32Array; kept: Float64Array; random: Float64Array };
  /** Rows of the whole corpus by difficulty, in bins of equal width from 0 to 1, and the bin of each pick in the order of picks. */
  difficulty: { all: Uint32Array; picks: Uint8Array };
  fields: FieldComposition[];
  /** What the model read of the texts of the corpus, if they are texts. */
  reading?: { tokens: number; unknownTokens: number; lostTokens: number; cutRows: number; emptyRows: number };
  /** How rows were laid out on the map, a line; undefined where there is none. */
  map?: { method: string };
  /** Characters after which texts are cut. */
  textLength: number;
  shown: ShownRows;
}
