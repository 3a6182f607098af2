// Keeps every third row of a Parquet file per type with each library that could do it, and compares what it wrote with
// pyarrow's table.take: types, values, metadata. Then the time on 200,000 rows and the size on disk.
// Usage: node parquet-candidates.mjs   (fetches the libraries into bench/rivals/parquet, once; needs the .venv of npm test)

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openRows, writeKeptRows } from '@coreset/rows';
import { machine, median, ROOT, record, time } from './support.mjs';

const RIVALS = join(ROOT, 'bench/rivals/parquet');
const PYTHON = join(ROOT, '.venv/bin/python');
const folder = mkdtempSync(join(tmpdir(), 'parquet-candidates-'));
if (!existsSync(join(RIVALS, 'node_modules')))
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'], {
    cwd: RIVALS,
    stdio: 'inherit',
  });
const require = createRequire(join(RIVALS, 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const python = (task) =>
  execFileSync(PYTHON, [join(ROOT, 'bench/rivals/parquet.py'), task, join(ROOT, 'packages/rows/test'), folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
const isKept = (row) => row % 3 === 0;

async function hyparquet() {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await load('hyparquet');
  const { compressors } = await load('hyparquet-compressors');
  const { parquetWriteBuffer } = await load('hyparquet-writer');
  const asStored = (value) => value;
  const parsers = {
    timestampFromMilliseconds: asStored,
    timestampFromMicroseconds: asStored,
    timestampFromNanoseconds: asStored,
    dateFromDays: asStored,
    uuidFromBytes: asStored,
    jsonFromBytes: (bytes) => bytes && new TextDecoder().decode(bytes),
  };
  return async (input, output) => {
    const file = await asyncBufferFromFile(input);
    const metadata = await parquetMetadataAsync(file);
    const rows = (await parquetReadObjects({ file, metadata, compressors, parsers, utf8: false })).filter((_, i) =>
      isKept(i),
    );
    const names = metadata.schema.length > 1 ? Object.keys(rows[0]) : [];
    const columnData = names.map((name) => ({ name, data: rows.map((row) => row[name]) }));
    const { schema, key_value_metadata: kvMetadata } = metadata;
    writeFileSync(output, new Uint8Array(parquetWriteBuffer({ columnData, schema, kvMetadata })));
  };
}

async function duckdb() {
  const { DuckDBInstance } = await load('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create()).connect();
  return async (input, output) => {
    const kept = `SELECT * EXCLUDE (file_row_number) FROM read_parquet('${input}', file_row_number = true) WHERE file_row_number % 3 = 0`;
    await connection.run(`COPY (${kept}) TO '${output}' (FORMAT parquet, COMPRESSION snappy)`);
  };
}

/** Rows are kept in the Arrow stream between reading and writing, by our Arrow code: apache-arrow has no such call. */
async function parquetWasm() {
  const wasm = await load('parquet-wasm');
  return async (input, output) => {
    const stream = `${output}.arrow`;
    writeFileSync(stream, wasm.readParquet(readFileSync(input)).intoIPCStream());
    const kept = `${output}.kept.arrow`;
    await writeKeptRows(openRows(stream), isKept, kept);
    const properties = new wasm.WriterPropertiesBuilder().setCompression(wasm.Compression.SNAPPY).build();
    writeFileSync(output, wasm.writeParquet(wasm.Table.fromIPCStream(readFileSync(kept)), properties));
  };
}

async function polars() {
  const { default: pl } = await load('nodejs-polars');
  return async (input, output) => {
    pl.readParquet(input).gatherEvery(3).writeParquet(output, { compression: 'snappy' });
  };
}

function sizeOf(names) {
  const size = (path) =>
    statSync(path).isDirectory()
      ? readdirSync(path).reduce((sum, name) => sum + size(join(path, name)), 0)
      : statSync(path).size;
  return names.reduce((sum, name) => {
    const path = [RIVALS, join(ROOT, 'packages/rows')].map((from) => join(from, 'node_modules', name)).find(existsSync);
    return sum + (path ? size(path) : 0);
  }, 0);
}

const CANDIDATES = {
  ours: [
    async () => (input, output) => writeKeptRows(openRows(input), isKept, output),
    ['hyparquet', 'hyparquet-compressors', 'hyparquet-writer', 'hysnappy', 'fzstd', '@bokuweb/zstd-wasm'],
  ],
  hyparquet: [hyparquet, ['hyparquet', 'hyparquet-compressors', 'hyparquet-writer', 'hysnappy', 'fzstd']],
  duckdb: [duckdb, ['@duckdb']],
  'parquet-wasm': [parquetWasm, ['parquet-wasm', 'apache-arrow']],
  polars: [polars, ['nodejs-polars', 'nodejs-polars-linux-x64-gnu']],
};

console.log(machine());
python('make');
const inputs = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
const figures = {};
for (const [name, [start, packages]] of Object.entries(CANDIDATES)) {
  mkdirSync(join(folder, name));
  const figure = { megabytes: sizeOf(packages) / 1e6, refused: {} };
  figures[name] = figure;
  let keep;
  try {
    keep = await start();
  } catch (error) {
    figure.missing = String(error.message).split('\n')[0];
    continue;
  }
  for (const input of inputs) {
    try {
      await keep(join(folder, input), join(folder, name, input));
    } catch (error) {
      figure.refused[input] = String(error.message ?? error)
        .split('\n')[0]
        .slice(0, 100);
      rmSync(join(folder, name, input), { force: true });
    }
  }
  const large = 'large-200000.parquet';
  if (!figure.refused[large])
    figure.seconds = median(await time(() => keep(join(folder, large), join(folder, name, large)), 3));
}
writeFileSync(join(folder, 'candidates.json'), JSON.stringify(Object.keys(CANDIDATES)));
const found = JSON.parse(python('compare'));
rmSync(folder, { recursive: true });

const names = Object.keys(CANDIDATES);
const line = (cells) => console.log(cells.map((cell, i) => String(cell).padEnd(i === 0 ? 14 : 26)).join(''));
line(['', ...names]);
for (const [type, verdicts] of Object.entries(found)) line([type, ...names.map((name) => verdicts[name])]);
line(['seconds', ...names.map((name) => figures[name].seconds?.toFixed(2) ?? '-')]);
line(['MB installed', ...names.map((name) => figures[name].megabytes.toFixed(1))]);
for (const [name, { missing, refused }] of Object.entries(figures)) {
  if (missing) console.log(`${name}: ${missing}`);
  for (const [input, message] of Object.entries(refused ?? {})) console.log(`${name}, ${input}: ${message}`);
}
record('parquet-candidates', { found, figures });
