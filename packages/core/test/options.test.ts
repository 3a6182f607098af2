import {
  CoresetError,
  messageOf,
  nearestName,
  nearestOf,
  pickOptions,
  requireInteger,
  requireKnownOptions,
  requireNumber,
  threadsOf,
} from '@coreset/core';
import { expect, test } from 'vitest';

const KNOWN = { budget: true, gamma: true } as const;

test('options that a function does not have are refused, those without a value are not', () => {
  expect(() => requireKnownOptions('f', {}, KNOWN)).not.toThrow();
  expect(() => requireKnownOptions('f', { budget: 1, other: undefined }, KNOWN)).not.toThrow();
  expect(() => requireKnownOptions('f', { gama: 1 }, KNOWN)).toThrow(
    /^f has no option 'gama'; did you mean 'gamma'\?$/,
  );
  expect(() => requireKnownOptions('f', { zzzzzz: 1 }, KNOWN)).toThrow(
    /^f has no option 'zzzzzz'; the options are budget, gamma$/,
  );
  expect(() => requireKnownOptions('f', { toString: 1 }, KNOWN)).toThrow(/no option 'toString'/);
});

test.each([
  [null, 'null'],
  [[], 'array'],
  ['text', 'string'],
  [3, 'number'],
  [undefined, 'undefined'],
])('options must be an object, not %o', (options, got) => {
  expect(() => requireKnownOptions('f', options as object, KNOWN)).toThrow(
    `f takes its options as an object, got ${got}`,
  );
});

test('the options of another function are picked out', () => {
  expect(pickOptions({ budget: 3, gamma: undefined, other: 1 } as object, KNOWN)).toEqual({ budget: 3 });
  expect(pickOptions({ toString: 3 } as object, KNOWN)).toEqual({});
});

test('the nearest name is suggested where one is near', () => {
  const names = ['facility-location', 'random', 'd2'];
  expect(nearestName('rnadom', names)).toBe('random');
  expect(nearestName('RANDOM', names)).toBe('random');
  expect(nearestName('Facility-Locatoin', names)).toBe('facility-location');
  expect(nearestName('d3', names)).toBe('d2');
  expect(nearestName('x', names)).toBeUndefined();
  expect(nearestName('uniform', names)).toBeUndefined();
  expect(nearestName('ab', ['aa', 'ac'])).toBe('aa');
  expect(nearestName('abcdef', ['abcxyz'])).toBeUndefined();
  expect(nearestName('abcdef', ['abcdxy'])).toBe('abcdxy');
  expect(nearestOf('rnadom', names)).toBe(", did you mean 'random'");
  expect(nearestOf('uniform', names)).toBe('');
});

test('numbers out of range are refused', () => {
  expect(() => requireInteger('k', 3, 3)).not.toThrow();
  for (const wrong of [2, 3.5, Number.NaN])
    expect(() => requireInteger('k', wrong, 3)).toThrow(`k must be a whole number of at least 3, got ${wrong}`);
  expect(() => requireInteger('k', Number.POSITIVE_INFINITY, 3)).toThrow(
    'k must be a whole number from 3 to 9007199254740991, got Infinity',
  );
  expect(() => requireInteger('k', 9, 3, 9)).not.toThrow();
  expect(() => requireInteger('k', 10, 3, 9)).toThrow('k must be a whole number from 3 to 9, got 10');
  expect(() => requireInteger('k', 2, 3, 9)).toThrow('k must be a whole number from 3 to 9, got 2');
  expect(() => requireNumber('share', 1, 0, 1)).not.toThrow();
  expect(() => requireNumber('share', 1.1, 0, 1)).toThrow('share must be a number from 0 to 1, got 1.1');
  expect(() => requireNumber('gamma', 0, 0)).not.toThrow();
  expect(() => requireNumber('gamma', 0.5, 0)).not.toThrow();
  for (const wrong of [-0.1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => requireNumber('gamma', wrong, 0)).toThrow(`gamma must be a number of at least 0, got ${wrong}`);
  expect(threadsOf({ threads: 3 })).toBe(3);
  expect(threadsOf({})).toBeGreaterThan(0);
  expect(() => threadsOf({ threads: 0 })).toThrow(/threads must be a whole number from 1 to \d+, got 0/);
});

test('a CoresetError is known across copies of the package', () => {
  expect(new CoresetError('a', { cause: 3 })).toMatchObject({ name: 'CoresetError', message: 'a', cause: 3 });
  expect(CoresetError.isInstance(new CoresetError('a'))).toBe(true);
  expect(CoresetError.isInstance({ isCoresetError: true })).toBe(true);
  for (const other of [new Error('a'), null, undefined, 'isCoresetError'])
    expect(CoresetError.isInstance(other)).toBe(false);
  expect(messageOf(new Error('a'))).toBe('a');
  expect(messageOf('text')).toBe('text');
});
