import { join } from 'node:path';
import { CoresetError, nearestName } from '@coreset/core';
import {
  type FieldPath,
  openRows,
  parseFieldPath,
  type Row,
  type TextOptions,
  textOfRows,
  valuesAt,
} from '@coreset/rows';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { temporaryFolder } from '../../../test/support.ts';

const at = (row: Row, text: string): unknown[] => valuesAt(row, parseFieldPath(text, Object.keys(row)));

describe('field paths', () => {
  const row = {
    doc: { body: 'text', 'a.b': { c: 1 }, none: null },
    'doc.title': 'of a column with a dot',
    messages: [{ content: 'first' }, { content: 'second' }, {}],
    meta: { tags: ['x', 'y'], deep: [[1, 2], [3]] },
    attrs: [
      { key: 'colour', value: 'red' },
      { key: '7', value: 'seven' },
    ],
    packed: '{"a": [{"b": "in JSON text"}]}',
    plain: '{no JSON',
  };
  test.each<[string, unknown[]]>([
    ['doc.body', ['text']],
    ['doc["body"]', ['text']],
    ['["doc"].body', ['text']],
    ["doc['a.b'].c", [1]],
    ['doc."a.b".c', [1]],
    ['doc.title', ['of a column with a dot']],
    ['doc.none', [null]],
    ['doc.none.x', []],
    ['doc.absent', []],
    ['absent', []],
    ['messages[0].content', ['first']],
    ['messages[-2].content', ['second']],
    ['messages[-1].content', []],
    ['messages[9]', []],
    ['messages[*].content', ['first', 'second']],
    ['messages.1.content', ['second']],
    ['meta.tags[0]', ['x']],
    ['meta.tags[*]', ['x', 'y']],
    ['meta.tags', [['x', 'y']]],
    ['meta.deep[*][0]', [1, 3]],
    ['meta.deep[*]', [[1, 2], [3]]],
    ['attrs.colour', ['red']],
    ['attrs.7', ['seven']],
    ['attrs.size', []],
    ['attrs[0].value', ['red']],
    ['packed.a[0].b', ['in JSON text']],
    ['plain.no', []],
    ['doc.constructor', []],
    ['toString', []],
  ])('%s', (text, values) => {
    expect(at(row, text)).toEqual(values);
  });

  test('the longest column that a path begins with is its root', () => {
    const columns = ['a', 'a.b', 'a.b.c', 'a.bc'];
    const rootsOf = (text: string): string => parseFieldPath(text, columns).root;
    expect(['a.b.c', 'a.b.c.d', 'a.b[0]', 'a.bcd', 'a.x', 'z.a'].map(rootsOf)).toEqual([
      'a.b.c',
      'a.b.c',
      'a.b',
      'a',
      'a',
      'z',
    ]);
  });

  test('any names come back from a path in quotes', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '.', '[', ']', '"', "'", '\\', '*', '0', ' ', '\n', 'ü') });
    const step = fc.oneof(
      name.map((key) => ({ key })),
      fc.integer({ min: -9, max: 9 }).map((index) => ({ index: index === 0 ? 0 : index })),
      fc.constant('all' as const),
    );
    const quoted = (key: string): string => `"${key.replace(/["\\]/g, '\\$&')}"`;
    const written = ({ root, steps }: Pick<FieldPath, 'root' | 'steps'>): string =>
      `[${quoted(root)}]` +
      steps.map((part) => (part === 'all' ? '[*]' : `[${'index' in part ? part.index : quoted(part.key)}]`)).join('');
    fc.assert(
      fc.property(fc.record({ root: name, steps: fc.array(step, { maxLength: 4 }) }), (path) => {
        expect(parseFieldPath(written(path))).toEqual({ ...path, text: written(path) });
      }),
    );
  });

  test.each([
    ['', /field path '': a name is missing at character 1;/],
    ['a..b', /a name is missing at character 3, before '\.b'/],
    ['a.', /a name is missing at character 3;/],
    ['a[', /needed in brackets at character 2, before '\['/],
    ['a[x]', /a number, \* or a name in quotes is needed in brackets at character 2, before '\[x\]'/],
    ['a[]', /in brackets at character 2/],
    ['a[0]b', /'\.' or '\[' is needed at character 5, before 'b'/],
    ['a]', /'\.' or '\[' is needed at character 2/],
    ['[0].a', /must begin with the name of a column at character 1/],
    ['[*]', /must begin with the name of a column/],
  ])("'%s' is refused with the place", (text, message) => {
    expect(() => parseFieldPath(text)).toThrow(CoresetError);
    expect(() => parseFieldPath(text)).toThrow(message);
  });

  test('any text is a path or a clear error', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '.', '[', ']', '"', "'", '\\', '*', '0', '-', ' ') });
    fc.assert(
      fc.property(text, (path) => {
        try {
          parseFieldPath(path);
        } catch (error) {
          expect(CoresetError.isInstance(error), String(error)).toBe(true);
        }
      }),
    );
  });
});

/** The text or the problem of each row. */
function found(rows: Row[], options: TextOptions = {}): (string | undefined)[] {
  const { textOf } = textOfRows(options, fieldsOf(rows), rows);
  return rows.map((row) => textOf(row)).map(({ text, problem }) => text ?? problem);
}

function fieldsOf(rows: Row[]): string[] {
  return [...new Set(rows.flatMap(Object.keys))];
}

function choice(rows: Row[], options: TextOptions = {}): { label: string; columns: string[] } {
  const { label, columns } = textOfRows(options, fieldsOf(rows), rows);
  return { label, columns };
}

describe('a single field', () => {
  test('says what is wrong where there is no text', () => {
    const rows = ['a', undefined, null, '', ' \n', 7, 7n, true, ['a'], { a: 1 }, Buffer.from('ä'), Buffer.of(0xff)];
    expect(found(rows.map((text) => ({ text })))).toEqual([
      'a',
      "field 'text' is missing",
      "field 'text' is null",
      "field 'text' is empty",
      "field 'text' is empty",
      "field 'text' is a number",
      "field 'text' is a number",
      "field 'text' is a boolean",
      "field 'text' is a list",
      "field 'text' is an object",
      'ä',
      "field 'text' is bytes that are not UTF-8",
    ]);
  });

  test('by a path', () => {
    const rows = [{ doc: { body: 'a' } }, { doc: {} }, { doc: null }, { doc: { body: null } }];
    expect(found(rows, { text: 'doc.body' })).toEqual([
      'a',
      "field 'doc.body' is missing",
      "field 'doc.body' is missing",
      "field 'doc.body' is null",
    ]);
    expect(choice(rows, { text: 'doc.body' })).toEqual({ label: 'doc.body', columns: ['doc'] });
  });

  test('all items of a list, with line breaks between them', () => {
    const rows = [{ tags: ['a', '', 'b', null] }, { tags: [] }, { tags: [''] }, { tags: ['a', 1] }];
    expect(found(rows, { text: 'tags[*]' })).toEqual([
      'a\nb',
      "field 'tags[*]' is missing",
      "field 'tags[*]' is empty",
      "field 'tags[*]' is a number",
    ]);
  });
});

describe('several fields', () => {
  test('are joined in order, empty ones left out', () => {
    const rows: Row[] = [
      { title: 'T', body: 'B', year: 2 },
      { body: 'B' },
      { title: null, body: ' ' },
      { title: 'T', body: {} },
    ];
    expect(found(rows, { text: ['body', 'title', 'year'] })).toEqual([
      'B\nT\n2',
      'B',
      "the fields 'body', 'title', 'year' are all empty",
      "field 'body' is an object",
    ]);
    expect(choice(rows, { text: ['body', 'title'] })).toEqual({ label: 'body + title', columns: ['body', 'title'] });
  });
});

describe('templates', () => {
  const rows: Row[] = [
    { instruction: 'Add.', input: '1 2', output: 3 },
    { instruction: 'Say hello.', input: '', output: 'Hello' },
    { instruction: 'Say {it}.', input: null, output: 2n ** 60n },
    { instruction: null, input: '  ' },
  ];

  test('as Alpaca data need them: an empty input leaves no blank line', () => {
    expect(found(rows, { template: '{instruction}\\n{input}\\n{output}' })).toEqual([
      'Add.\n1 2\n3',
      'Say hello.\nHello',
      'Say {it}.\n1152921504606846976',
      "the fields 'instruction', 'input', 'output' are all empty",
    ]);
  });

  test.each([
    ['{instruction}\n\n{input}', ['Add.\n\n1 2', 'Say hello.\n']],
    ['### {instruction}\\n\\t{input}', ['### Add.\n\t1 2', '### Say hello.']],
    ['Input: {input}', ['Input: 1 2', "field 'input' is empty"]],
    ['{{"a": {input}}} \\\\n\\x', ['{"a": 1 2} \\n\\x', "field 'input' is empty"]],
    ['{ instruction }{instruction}', ['Add.Add.', 'Say hello.Say hello.']],
  ])('%s', (template, texts) => {
    expect(found(rows.slice(0, 2), { template })).toEqual(texts);
  });

  test('with paths', () => {
    const row = { q: { text: 'why?' }, answers: [{ text: 'so' }, { text: 'or so' }], 'a.b': 'dot' };
    expect(found([row], { template: '{q.text}\n{answers[*].text} {a.b}' })).toEqual(['why?\nso\nor so dot']);
    expect(choice([row], { template: '{q.text} {a.b}{q.text}' })).toEqual({
      label: 'template of q.text, a.b',
      columns: ['q', 'a.b'],
    });
  });

  test.each([
    ['no field', /template 'no field' names no field/],
    ['{{ jinja }}', /names no field; write \{name\}/],
    ['{a} }', /'}' at character 5 names no field/],
    ['{a', /'{' at character 1 names no field/],
    ['x {} y', /'{}' at character 3 names no field/],
    ['{instructions}', /no field 'instructions' \(--template\); did you mean 'instruction'\?/],
    ['{a..b}', /field path 'a\.\.b': a name is missing/],
  ])('%s is refused', (template, message) => {
    expect(() => found(rows, { template })).toThrow(message);
  });

  test('not beside --text', () => {
    expect(() => found(rows, { template: '{input}', text: 'input' })).toThrow(/--text and --template/);
  });
});

describe('chat rows', () => {
  const messages = [
    { role: 'system', content: 'Be kind.' },
    {
      role: 'user',
      content: [{ type: 'text', text: 'Look:' }, { type: 'image_url', image_url: { url: 'x' } }, 'well?'],
    },
    { role: 'assistant', content: null, tool_calls: [{ function: { name: 'see' } }] },
    { role: 'tool', content: 'a cat' },
    { role: 'assistant', content: 'A cat.' },
  ];
  const conversations = [
    { from: 'human', value: 'Hi' },
    { from: 'gpt', value: 'Hello' },
    { from: 'human', value: 'Bye' },
  ];

  test.each([
    ['all', 'Be kind.\n\nLook:\nwell?\n\na cat\n\nA cat.', 'Hi\n\nHello\n\nBye', 'all turns'],
    ['user', 'Look:\nwell?', 'Hi\n\nBye', 'user turns'],
    ['assistant', 'A cat.', 'Hello', 'assistant turns'],
    ['last', 'A cat.', 'Bye', 'last turn'],
  ] as const)('are recognised; turns %s', (turns, text, shareGpt, label) => {
    const first = { id: 'a', source: 'x', messages };
    expect(found([first, first], { turns })).toEqual([text, text]);
    expect(choice([first], { turns })).toEqual({ label: `messages (${label})`, columns: ['messages'] });
    expect(found([{ conversations, id: 1 }], { turns })).toEqual([shareGpt]);
    expect(found([{ conversation: messages }], { turns })).toEqual([text]);
    expect(found([{ conversations: JSON.stringify(conversations), lang: 'en' }], { turns })).toEqual([shareGpt]);
  });

  test('in a field that is named, by a path and in a template', () => {
    const row = { chosen: messages, rejected: conversations, nested: { chat: conversations }, n: 1 };
    expect(found([row], { text: 'chosen', turns: 'last' })).toEqual(['A cat.']);
    expect(found([row], { text: 'nested.chat' })).toEqual(['Hi\n\nHello\n\nBye']);
    expect(found([row], { template: '{n}: {rejected}', turns: 'user' })).toEqual(['1: Hi\n\nBye']);
    expect(found([row], { text: 'rejected[-1].value' })).toEqual(['Bye']);
    expect(found([row], { text: 'rejected[*].value' })).toEqual(['Hi\nHello\nBye']);
  });

  test('rows without what counts', () => {
    const rows: Row[] = [
      { messages },
      { messages: [] },
      { messages: null },
      {},
      { messages: [{ role: 'assistant', content: 'x' }] },
      { messages: 'no list' },
      { messages: [{ role: 'user', content: 'x' }, 7] },
    ];
    const { textOf } = textOfRows({ turns: 'user' }, ['messages'], rows.slice(0, 1));
    expect(rows.slice(1).map((row) => textOf(row).problem)).toEqual([
      "field 'messages' has no text in a turn of the user",
      "field 'messages' is null",
      "field 'messages' is missing",
      "field 'messages' has no text in a turn of the user",
      "field 'messages' is no list of turns with role and content",
      "field 'messages' is no list of turns with role and content",
    ]);
    const last = textOfRows({ turns: 'last' }, ['messages'], rows.slice(0, 1));
    expect(last.textOf({ messages: messages.slice(0, 3) })).toEqual({
      problem: "field 'messages' has no text in its last turn",
    });
  });

  test('turns are refused where no field holds chats, and unknown ones', () => {
    expect(() => choice([{ text: 'a' }], { turns: 'user' })).toThrow(/--turns counts for chats alone, and text holds/);
    expect(() => choice([{ messages }], { turns: 'bot' as 'user' })).toThrow(
      /turns 'bot' is not known; use one of all/,
    );
  });

  test('of files that pandas, datasets and pyarrow wrote', async () => {
    const folder = temporaryFolder();
    python(
      `
import pandas as pd, datasets, pyarrow as pa, pyarrow.parquet as pq
rows = [{'messages': [{'role': 'user', 'content': 'q%d' % i}, {'role': 'assistant', 'content': 'ä %d' % i}], 'n': i} for i in range(3)]
pd.DataFrame(rows).to_json('pandas.jsonl', orient='records', lines=True)
datasets.Dataset.from_list(rows).to_json('datasets.jsonl')
datasets.Dataset.from_list(rows).to_parquet('datasets.parquet')
maps = pa.array([[('colour', 'red'), ('size', 'L')], [('size', 'S')], None], pa.map_(pa.string(), pa.string()))
pq.write_table(pa.table({'attrs': maps, 'doc': [{'body': b, 'n': 1} for b in 'xyz'], 'a.b': ['d1', 'd2', 'd3']}), 'maps.parquet')
pd.DataFrame([{'id': i, 'conversations': pd.Series([[{'from': 'human', 'value': 'q%d' % i}]]).to_json(orient='values')[1:-1]} for i in range(3)]).to_csv('pandas.csv', index=False)
`,
      [],
      folder,
    );
    const read = async (name: string, options?: TextOptions): Promise<(string | undefined)[]> => {
      const file = openRows(join(folder, name));
      const rows: Row[] = [];
      for await (const row of file.read(await file.fields())) rows.push(row);
      return found(rows, options);
    };
    const texts = [0, 1, 2].map((i) => `q${i}\n\nä ${i}`);
    expect(await read('pandas.jsonl')).toEqual(texts);
    expect(await read('datasets.jsonl')).toEqual(texts);
    expect(await read('datasets.parquet')).toEqual(texts);
    expect(await read('pandas.csv')).toEqual(['q0', 'q1', 'q2']);
    const template = '{attrs.colour}{doc.body}/{a.b}';
    expect(await read('maps.parquet', { template })).toEqual(['redx/d1', 'y/d2', 'z/d3']);
  });
});

describe('without an option', () => {
  test.each<[string, Row, string]>([
    ['the field text', { text: 'a', title: 'b', messages: [{ role: 'user', content: 'c' }] }, 'text'],
    ['the only field with texts', { id: 'x1', n: 1, quote: 'b', tags: ['a'] }, 'quote'],
    ['the only field', { n: 1 }, 'n'],
    ['the only text beside numbers of a CSV file', { Nr: '1', Titel: 'ein Text', Preis: '3,50' }, 'Titel'],
    ['content among several', { title: 'a', content: 'b', url: 'c' }, 'content'],
    ['a name with a dot', { 'a.b': 'text' }, 'a.b'],
  ])('%s', (_, row, label) => {
    expect(choice([row])).toEqual({ label, columns: [label] });
  });

  test.each<[string, Row, RegExp]>([
    [
      'several fields with texts',
      { instruction: 'a', input: 'b', output: 'c' },
      /^f: there is no field 'text' and several others hold text \(instruction, input, output\); .*--text.*--template "\{instruction\}\\n\{input\}\\n\{output\}"/,
    ],
    ['content and body', { content: 'a', body: 'b' }, /several others hold text \(content, body\)/],
    ['two chats', { messages: [{ role: 'a' }], conversation: [{ role: 'a' }] }, /hold text \(messages, conversation\)/],
    ['no texts', { a: 1, b: 2 }, /none holds text alone \(a, b\)/],
    [
      'texts inside of objects',
      { id: 1, doc: { body: 'x', title: 'y' }, meta: { n: 2 } },
      /texts lie inside of others \(doc.body, doc.title\).*--template "\{doc.body\}\\n\{doc.title\}"/,
    ],
    ['no fields', {}, /f: there are no rows/],
  ])('%s are refused', (_, row, message) => {
    expect(() => choice([row], { source: 'f' })).toThrow(message);
  });

  test('a name that is not there suggests the nearest', () => {
    const rows: Row[] = [{ content: 'a', doc: { body: 'b', title: 'c' }, attrs: [{ key: 'a', value: 'b' }] }];
    expect(() => choice(rows, { text: 'contnet', source: 'f' })).toThrow(
      /^f: there is no field 'contnet' \(--text\); did you mean 'content'\? The fields are content, doc, attrs$/,
    );
    expect(() => choice(rows, { text: 'doc.bdy' })).toThrow(/no field 'bdy' in 'doc.bdy' .* did you mean 'body'/);
    expect(() => choice(rows, { text: 'xyz' })).toThrow(/no field 'xyz' \(--text\); the fields are content/);
    expect(choice(rows, { text: 'attrs.z' })).toEqual({ label: 'attrs.z', columns: ['attrs'] });
  });

  test.each([
    ['txt', ['label', 'text'], 'text'],
    ['Text', ['test', 'text'], 'text'],
    ['a', ['b', 'A'], 'A'],
    ['a', ['b', 'c'], undefined],
    ['prompt', ['completion', 'id'], undefined],
    ['', [], undefined],
  ])('the nearest to %s', (name, names, nearest) => {
    expect(nearestName(name, names)).toBe(nearest);
  });
});
