import { CoresetError, messageOf, writeAtomic } from '@coreset/core';

/** Copy standard input to a file, so that it can be read as often as needed. */
export async function spool(path: string): Promise<void> {
  const source = process.stdin.isTTY ? undefined : process.stdin;
  if (source === undefined)
    throw new CoresetError("input '-' reads JSONL from a pipe, but standard input is a terminal; pipe a file in");
  try {
    await writeAtomic(path, async (sink) => {
      for await (const chunk of source) sink.write(chunk as Buffer);
    });
  } catch (error) {
    throw CoresetError.isInstance(error) ? error : new CoresetError(`cannot read standard input: ${messageOf(error)}`);
  }
}
