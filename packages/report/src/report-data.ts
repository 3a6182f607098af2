/** The rows of a corpus that a page can show one by one: all of them, or a sample. Each array has a value for each of these rows. */
export interface ShownRows {
  /** Their numbers in the input, from 0, ascending. */
  rows: Int32Array;
  ids?: string[];
  /** The beginning of each text. */
  texts?: string[];
  /** Where each picture is, from the folder of the page. */
  images?: string[];
  /** The place of each row on the map. */
  x: Float32Array;
  y: Float32Array;
  /** 1 for the first pick; 0 for a row that is not kept. */
  rank: Int32Array;
  /** For how many rows a kept row stands, itself among them; 0 for others. */
  weight: Int32Array;
  /** From 0 to 1; NaN for a row without a vector. */
  difficulty: Float32Array;
  /** Places in {@link ReportData.reasons}; 255 for a row that is kept. */
  reason: Uint8Array;
  /** The kept row that stands for a dropped one, as a place in these rows; −1 where there is none or it is not among them. */
  by: Int32Array;
  /** The cosine of both; NaN where there is none. */
  similarity: Float32Array;
  /** Of a duplicate the row that it repeats, as a place in these rows; −1 otherwise. */
  duplicateOf: Int32Array;
  /** Neighbours per row. */
  k: number;
  /** rows × k: the nearest neighbours as places in these rows, nearest first; −1 behind the last. */
  neighbours: Int32Array;
  /** rows × k: the cosine to each. */
  cosines: Float32Array;
  /** Tokens behind the limit of the model, and tokens that it does not know. */
  cut?: Int32Array;
  unknown?: Int32Array;
}

/** How often each value of a field occurs. */
export interface FieldComposition {
  /** Its path, such as `meta.lang`. */
  name: string;
  /** The values, the most frequent first; the last may stand for all others. */
  values: string[];
  /** Rows of the whole corpus with each value. */
  counts: Uint32Array;
  /** The place of the value of each pick, in the order of picks. */
  picks: Uint8Array;
  /** The place of the value of each shown row. */
  shown: Uint8Array;
}

/** What a report page shows. */
export interface ReportData {
  /** Of the corpus. */
  name: string;
  /** Of this software. */
  version: string;
  method: string;
  /** Whether the first n picks are what the method would pick for a budget of n. */
  isNested: boolean;
  /** Rows of the input, and those kept. */
  rows: number;
  kept: number;
  /** The run directory, as the command line would name it. */
  runDir: string;
  /** Why rows were dropped, in the order of the page, of the whole corpus. */
  reasons: { reason: string; meaning: string; count: number }[];
  /** What people should know of the rows, a line each. */
  notes: string[];
  /** Mean Euclidean distance of a row to the nearest kept row, by the number of rows kept. */
  coverage: { budgets: Int32Array; kept: Float64Array; random: Float64Array };
  /** Rows of the whole corpus by difficulty, in bins of equal width from 0 to 1, and the bin of each pick in the order of picks. */
  difficulty: { all: Uint32Array; picks: Uint8Array };
  fields: FieldComposition[];
  /** What the map is: which method laid it out. */
  map: { method: string };
  shown: ShownRows;
}
