import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, packToText, unpack, unpackText } from '../dist/page/packed.js';
import { sampleReport } from './sample-report.ts';

const arrays = fc.oneof(
  fc.uint8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
);
const keys = fc.string().filter((key) => key !== '$array' && key !== '__proto__');
const leaves = fc.oneof(arrays, fc.string({ unit: 'grapheme' }), fc.integer(), fc.array(fc.string()));
const objects = fc.dictionary(keys, fc.oneof(leaves, fc.dictionary(keys, leaves, { noNullPrototype: true })), {
  noNullPrototype: true,
});

test('what is packed is unpacked as it was, of any length of texts and arrays', () => {
  fc.assert(
    fc.property(objects, (value) => {
      expect(unpack(pack(value))).toEqual(value);
    }),
  );
});

test('a report becomes letters without markup, and the same report again', async () => {
  const report = sampleReport();
  const text = await packToText(report);
  expect(text).toMatch(/^[A-Za-z0-9+/]+=*$/);
  expect(await unpackText(text)).toEqual(report);
});

test('an array that could not be unpacked is refused', () => {
  expect(() => pack({ of: new BigInt64Array(1) })).toThrow('BigInt64Array cannot be packed');
});
