import {
  CoresetError,
  htmlOf,
  JUPYTER_DISPLAY,
  type Progress,
  type RunOptions,
  showAs,
  shownInCell,
  stoppedByCell,
} from '@coreset/core';
import { describe, expect, test } from 'vitest';
import { inNotebook } from '../../../test/notebook-host.ts';

describe('a value that shows itself', () => {
  const value = { rows: 3, kept: [1] };
  const shown = showAs({ ...value }, () => ({ 'text/plain': 'a < b', 'text/html': '<b>1</b>' }));

  test('is what it was to JSON, copies and comparisons', () => {
    expect(shown).toEqual(value);
    expect(JSON.stringify(shown)).toBe(JSON.stringify(value));
    expect(Reflect.ownKeys({ ...shown })).toEqual(['rows', 'kept']);
    expect(structuredClone(shown)).toEqual(value);
  });

  test('is asked by the symbol of the protocol, and by htmlOf', async () => {
    expect(JUPYTER_DISPLAY).toBe(Symbol.for('Jupyter.display'));
    expect(await shown[JUPYTER_DISPLAY]()).toEqual({ 'text/plain': 'a < b', 'text/html': '<b>1</b>' });
    expect(await htmlOf(shown)).toBe('<b>1</b>');
  });

  test('is shown by its text where it has no HTML', async () => {
    const text = showAs({}, async () => ({ 'text/plain': `<a title="x" id='y'> & so on` }));
    expect(await htmlOf(text)).toBe('<pre>&#60;a title=&#34;x&#34; id=&#39;y&#39;&#62; &#38; so on</pre>');
  });

  test.each([undefined, null, 3, {}, 'text'])('htmlOf refuses %s, which does not', async (other) => {
    await expect(htmlOf(other)).rejects.toThrow(CoresetError);
  });
});

describe('in a cell of a notebook', () => {
  test('what is given stays, and so does all outside of notebooks', async () => {
    const own = { onProgress: (): void => {}, signal: new AbortController().signal, threads: 2 };
    expect(shownInCell(own)).toBe(own);
    expect(stoppedByCell(own)).toBe(own);
    await inNotebook(({ displays }) => {
      expect(shownInCell(own)).toEqual(own);
      expect(shownInCell(own).signal).toBe(own.signal);
      expect(stoppedByCell({ signal: own.signal }).signal).toBe(own.signal);
      expect(displays).toEqual([]);
    });
  });

  test('an interruption aborts', () =>
    inNotebook(({ interrupt }) => {
      const { signal } = shownInCell<RunOptions>({});
      const { signal: alone, ...others } = stoppedByCell<{ signal?: AbortSignal; seed?: number }>({ seed: 1 });
      expect(others).toEqual({ seed: 1 });
      interrupt('stop');
      for (const one of [signal, alone]) expect([one?.aborted, one?.reason]).toEqual([true, 'stop']);
    }));

  test('progress is one line that changes in place and says in the end what was done', () =>
    inNotebook(({ displays }) => {
      const tell = (progress: Progress): void => shownInCell<RunOptions>({}).onProgress?.(progress);
      tell({ stage: 'read', done: 5000 });
      tell({ stage: 'embed', done: 0, total: 1234 });
      tell({ stage: 'embed', done: 1234, total: 1234 });
      tell({ stage: 'a<b', done: 0, total: 8 });
      tell({ stage: 'a<b', done: 8, total: 8 });
      tell({ stage: 'a<b', done: 8, total: 8 });
      expect(displays).toHaveLength(1);
      const [shown] = displays;
      expect(shown[1]['text/plain']).toBe('read · embed 0 of 1,234');
      expect(shown[1]['text/html']).toMatch(/<progress value="0" max="1234"/);
      expect(shown.at(-1)).toEqual({
        'text/plain': '✓ read · embed · a<b',
        'text/html': '<small>✓ read · embed · a&#60;b</small>',
      });
      expect(shown).toHaveLength(5);
    }));

  test('a stage that begins again takes the place of the earlier one, another cell has a line of its own', () =>
    inNotebook(({ displays, next }) => {
      for (const stage of ['graph', 'difficulty', 'graph'])
        for (const done of [0, 2]) shownInCell<RunOptions>({}).onProgress?.({ stage, done, total: 2 });
      const before = shownInCell<RunOptions>({}).onProgress;
      next();
      shownInCell<RunOptions>({}).onProgress?.({ stage: 'select', done: 1, total: 1 });
      before?.({ stage: 'late', done: 1, total: 1 });
      expect(displays.map((shown) => shown.at(-1)?.['text/plain'])).toEqual([
        '✓ difficulty · graph · late',
        '✓ select',
      ]);
    }));

  test('in between it is told ten times a second at most', () =>
    inNotebook(({ displays }) => {
      for (let done = 0; done <= 1000; done++)
        shownInCell<RunOptions>({}).onProgress?.({ stage: 'embed', done, total: 1000 });
      expect(displays[0].length).toBeLessThan(100);
      expect(displays[0].at(-1)?.['text/plain']).toBe('✓ embed');
    }));
});
