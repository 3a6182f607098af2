import { isAddress, remoteSource } from '../bytes/remote.js';
import { type ByteSource, fileSource } from '../bytes/source.js';
import { type Footer, readFooter } from './footer.js';

/** A Parquet file whose footer has been read. */
export interface OpenParquet {
  source: ByteSource;
  footer: Footer;
}

/**
 * Open a Parquet file by its path or its address.
 * @throws CoresetError when it cannot be read
 */
export async function openParquet(path: string): Promise<OpenParquet> {
  const source = await (isAddress(path) ? remoteSource(path) : fileSource(path));
  try {
    return { source, footer: await readFooter(source) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Open a Parquet file, use it and close it. */
export async function withParquet<T>(path: string, use: (opened: OpenParquet) => Promise<T>): Promise<T> {
  const opened = await openParquet(path);
  try {
    return await use(opened);
  } finally {
    await opened.source.close();
  }
}
