/** The kinds of file that rows come from. */
export type Format =
  | 'jsonl'
  | 'json'
  | 'csv'
  | 'tsv'
  | 'parquet'
  | 'arrow'
  | 'text'
  | 'npy'
  | 'npz'
  | 'safetensors'
  | 'folder';

/** How the bytes of a text format are packed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** A file's format by its name, and how it is packed by its first bytes. */
export interface FileKind {
  format: Format;
  compression: Compression;
}
