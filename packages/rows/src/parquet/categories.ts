import type { Footer } from './footer.js';

const ARROW_SCHEMA = 'ARROW:schema';
/** Before the message of an Arrow schema: a mark and its length. */
const FRAMING_BYTES = 8;

/**
 * The top-level columns whose dictionary is part of the data: categories, also those that no row has. Arrow's schema,
 * which its writers add to the file, says which.
 */
export async function categoryColumns({ metadata }: Footer): Promise<Set<string>> {
  const pair = metadata.structs(5).find((each) => each.text(1) === ARROW_SCHEMA);
  const text = pair?.text(2);
  if (text === undefined) return new Set();
  const { schemaFields } = await import('../arrow/messages.js');
  try {
    const fields = schemaFields(Buffer.from(text, 'base64').subarray(FRAMING_BYTES));
    return new Set(fields.filter(({ dictionary }) => dictionary !== undefined).map(({ name }) => name));
  } catch {
    // It is a remark of the writer beside the Parquet schema, which alone says how values are read.
    return new Set();
  }
}
