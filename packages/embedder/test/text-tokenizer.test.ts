import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { python } from '../../../test/python.ts';
import { CORPUS, corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';
import { safeCuts } from '../dist/safe-cut.js';
import { TextTokenizer } from '../dist/text-tokenizer.js';

const BUNDLED = join(ROOT, 'models/all-MiniLM-L6-v2');
const folder = temporaryFolder();
const corpus = corpusRows(2000).map(({ text }) => text);
const long = corpus.slice(0, 400).join('\n\n');

const code = `def f(x):\n\treturn {"a": [x+1, -2.5e-3]}  # ok\n\n\n${'if (a) { b[i] += 1; }\n    '.repeat(200)}`;
const texts = [
  ...corpus.slice(0, 300),
  long,
  code,
  '',
  ' \n\t ',
  '😀 👨‍👩‍👧 emoji 🇩🇪'.repeat(300),
  'ภาษาไทยที่ไม่มีช่องว่าง'.repeat(200),
  'ภาษาไทย ที่มี ช่องว่าง '.repeat(200),
  '日本語テキスト、東京都。'.repeat(300),
  '漢字'.repeat(2000),
  '𠀀𠀁 rare ideographs 𪜀x𠮷',
  'ΟΔΟΣ ΣΑΣ Σ οδος',
  'İstanbul ẞß ﬁne e\u0301 é a\u0301b',
  'नमस्ते दुनिया '.repeat(300),
  'DNA'.repeat(60),
  `${'x'.repeat(5000)} ${'y '.repeat(3000)}`,
  '[SEP] text [MASK] [sep] <s> </s>',
  'US us \u200b\u00a0 tab\tend\u0000',
  'wait... what?! (($5+3)) 12.5 of ٣٤ rows',
];
const TOKENS = [8, 128, 256];

/** Trains small tokenizers of the kinds that people's models have, and tells what the reference makes of the texts. */
const MADE = python(
  `
import json, sys
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
folder, corpus, bundled = sys.argv[1:]
lines = [json.loads(line)['text'] for line in open(corpus, encoding='utf-8')][:600]

def trained(name, tokenizer, trainer, template=None, post=None):
    tokenizer.train_from_iterator(lines, trainer)
    at = tokenizer.token_to_id
    if post: tokenizer.post_processor = post(at)
    if template: tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=[(t, at(t)) for t in template.split() if t != '$A'])
    return name, tokenizer

def made():
    t = Tokenizer(models.BPE()); t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    yield trained('roberta', t, trainers.BpeTrainer(vocab_size=900, show_progress=False, special_tokens=['<s>', '<pad>', '</s>', '<unk>', '<mask>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
        post=lambda at: processors.RobertaProcessing(('</s>', at('</s>')), ('<s>', at('<s>')), trim_offsets=True, add_prefix_space=False))
    t = Tokenizer(models.BPE()); t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    yield trained('eos', t, trainers.BpeTrainer(vocab_size=700, show_progress=False, special_tokens=['<|endoftext|>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()), '$A <|endoftext|>')
    t = Tokenizer(models.Unigram()); t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(' ', ' ')]); t.pre_tokenizer = pre_tokenizers.Metaspace()
    yield trained('sentencepiece', t, trainers.UnigramTrainer(vocab_size=600, show_progress=False, special_tokens=['<pad>', '</s>', '<unk>'], unk_token='<unk>'), '$A </s>')
    t = Tokenizer(models.Unigram()); t.normalizer = normalizers.Sequence([normalizers.Replace(Regex('[\\x01\\x08\\x7f]'), ''), normalizers.Replace(Regex('[\\t\\n\\r\\u00a0\\u200b]'), ' '), normalizers.NFKC(), normalizers.Replace(Regex(' {2,}'), ' ')]); t.pre_tokenizer = pre_tokenizers.Metaspace()
    yield trained('signs', t, trainers.UnigramTrainer(vocab_size=600, show_progress=False, special_tokens=['<s>', '<pad>', '</s>', '<unk>'], unk_token='<unk>'), '<s> $A </s>')
    t = Tokenizer(models.WordPiece(unk_token='[UNK]')); t.normalizer = normalizers.NFC(); t.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    yield trained('cased', t, trainers.WordPieceTrainer(vocab_size=900, show_progress=False, special_tokens=['[PAD]', '[UNK]', '[CLS]', '[SEP]']), '[CLS] $A [SEP]')
    t = Tokenizer(models.WordLevel(unk_token='[UNK]')); t.pre_tokenizer = pre_tokenizers.Whitespace()
    yield trained('words', t, trainers.WordLevelTrainer(vocab_size=900, show_progress=False, special_tokens=['[UNK]']))
    t = Tokenizer(models.WordPiece(unk_token='[UNK]')); t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(individual_digits=True)])
    yield trained('signs and digits', t, trainers.WordPieceTrainer(vocab_size=900, show_progress=False, special_tokens=['[UNK]']))
    t = Tokenizer(models.BPE(unk_token='<unk>', fuse_unk=True, byte_fallback=True)); t.pre_tokenizer = pre_tokenizers.Metaspace()
    name, t = trained('llama', t, trainers.BpeTrainer(vocab_size=1200, show_progress=False, special_tokens=['<unk>', '<s>', '</s>'] + ['<0x%02X>' % b for b in range(256)]), '<s> $A')
    t.pre_tokenizer = None; t.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    yield name, t
    yield 'bundled', Tokenizer.from_file(bundled + '/tokenizer.json')

import os
texts = json.load(open(folder + '/texts.json', encoding='utf-8'))
expected = {}
for name, tokenizer in made():
    os.makedirs(folder + '/' + name, exist_ok=True)
    if name != 'bundled': tokenizer.save(folder + '/' + name + '/tokenizer.json')
    tokenizer.no_padding(); tokenizer.no_truncation()
    ids = {'whole': [e.ids for e in tokenizer.encode_batch(texts)]}
    for count in ${JSON.stringify(TOKENS)}:
        tokenizer.enable_truncation(count)
        ids[count] = [e.ids for e in tokenizer.encode_batch(texts)]
    expected[name] = ids
json.dump(expected, open(folder + '/expected.json', 'w'))
print(','.join(expected))
`,
  (() => {
    writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts));
    return [folder, CORPUS, BUNDLED];
  })(),
)
  .trim()
  .split(',');
const expected: Record<string, Record<string, number[][]>> = JSON.parse(
  readFileSync(join(folder, 'expected.json'), 'utf8'),
);
const folderOf = (name: string): string => (name === 'bundled' ? BUNDLED : join(folder, name));
const tokenizers = Object.fromEntries(MADE.map((name) => [name, new TextTokenizer(folderOf(name))]));

const word = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...corpus.slice(0, 40).flatMap((text) => text.split(' '))) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom('漢字', 'ไทย', '\n', '();', '1234', "don't", '[SEP]', '</s>', '▁', 'Ġ') },
);
const space = fc.constantFrom(' ', ' ', ' ', '  ', '\n', '\n    ', '\t', '', ', ', '\u00a0', '\u3000');
const anyText = fc
  .array(fc.tuple(word, space), { minLength: 60, maxLength: 150 })
  .map((parts) => parts.flat().join(''));

/** Characters of all planes, controls, marks and added tokens, in words of any length. */
const wild = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 6, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 8 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('e\u0301', '\u0301', 'Σ', 'İ', '漢', '𠮷', '가', '\u0000', '\ufffd', '\ud800'),
  },
  { weight: 2, arbitrary: fc.constantFrom('[UNK]', '[sep]x', 'a[SEP]b', '<unk>', '<s>', '##ing', 'x'.repeat(101)) },
);
const wildText = fc
  .array(fc.tuple(fc.oneof(word, wild), fc.oneof(space, wild)), { maxLength: 30 })
  .map((parts) => parts.flat().join(''));

describe.each(MADE.filter((name) => name !== 'signs'))('the %s tokenizer', (name) => {
  const tokenizer = tokenizers[name];

  test.each(TOKENS)('cuts at %i tokens in front of its own, as the reference does', (count) => {
    for (const [i, text] of texts.entries()) {
      const { ids } = tokenizer.head(text, count - tokenizer.added);
      expect(tokenizer.enclose(ids), JSON.stringify(text.slice(0, 60))).toEqual(expected[name][count][i]);
    }
  });

  test('counts what is left out, of long texts nearly', () => {
    for (const [i, text] of texts.entries()) {
      const all = expected[name].whole[i].length - tokenizer.added;
      const { ids, lost } = tokenizer.head(text, 100);
      expect(ids.length).toBe(Math.min(100, all));
      if (all <= 100) expect(lost, text.slice(0, 60)).toBe(0);
      else if (text === long) expect(Math.abs(lost / (all - 100) - 1)).toBeLessThan(0.3);
      else expect(lost).toBeGreaterThan(0);
      expect(tokenizer.enclose(tokenizer.whole(text))).toEqual(expected[name].whole[i]);
    }
  });

  test('gives the same for the beginning of any text as for the whole', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 12 }), (text, count) => {
        expect(tokenizer.head(text, count).ids).toEqual(tokenizer.whole(text).slice(0, count));
      }),
      { numRuns: 80, seed: 7 },
    );
  });

  test('gives no other tokens in front of a cut', () => {
    const cuts = safeCuts(JSON.parse(readFileSync(join(folderOf(name), 'tokenizer.json'), 'utf8'))) as RegExp;
    fc.assert(
      fc.property(anyText, (text) => {
        const whole = tokenizer.whole(text);
        const places = [...text.matchAll(cuts)];
        for (const { index, 0: last } of places.slice(0, 10)) {
          const ids = tokenizer.whole(text.slice(0, index + last.length));
          expect(ids, text.slice(0, index + last.length)).toEqual(whole.slice(0, ids.length));
        }
      }),
      { numRuns: 25, seed: 8 },
    );
  });

  test('gives word by word what it gives of the text in one', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, wildText), (text) => {
        expect(tokenizer.whole(text)).toEqual(tokenizer.inOne(text));
      }),
      { numRuns: 120, seed: 9 },
    );
  });

  test('reads only what is used', () => {
    const whole = vi.spyOn(tokenizer, 'whole');
    tokenizer.head(long.repeat(20), 254);
    expect(whole.mock.calls.reduce((sum, [text]) => sum + text.length, 0)).toBeLessThan(10_000);
    whole.mockRestore();
  });
});

test('normalisers that replace signs leave words apart', () => {
  const tokenizer = tokenizers.signs;
  for (const [i, text] of texts.entries())
    expect(tokenizer.enclose(tokenizer.whole(text)), text.slice(0, 60)).toEqual(expected.signs.whole[i]);
  const inOne = vi.spyOn(tokenizer, 'inOne');
  tokenizer.whole('a river near a river near a river');
  expect(inOne.mock.calls.map(([word]) => word)).toContain(' near');
  inOne.mockRestore();
  fc.assert(
    fc.property(fc.oneof(anyText, wildText), (text) => {
      expect(tokenizer.whole(text)).toEqual(tokenizer.inOne(text));
    }),
    { numRuns: 120, seed: 9 },
  );
});

test('a word may have any length', () => {
  expect(tokenizers.sentencepiece.whole('ab'.repeat(70_000)).length).toBeGreaterThan(125_000);
});

test('the unknown token is counted by the id that the model has for it', () => {
  expect(tokenizers.bundled.unknownId).toBe(100);
  expect(tokenizers.roberta.unknownId).toBeUndefined();
  expect(tokenizers.sentencepiece.whole('漢').includes(tokenizers.sentencepiece.unknownId as number)).toBe(true);
  expect(tokenizers.words.whole('nosuchword')).toEqual([tokenizers.words.unknownId]);
});

test('where words run together in the vocabulary, the whole text is read', () => {
  const json = JSON.parse(readFileSync(join(folder, 'eos/tokenizer.json'), 'utf8'));
  const made = temporaryFolder();
  // A merge across the space: "e" and "Ġ".
  json.model.vocab.eĠ = Object.keys(json.model.vocab).length;
  json.model.merges.unshift(['e', 'Ġ']);
  json.pre_tokenizer.use_regex = false;
  writeFileSync(join(made, 'tokenizer.json'), JSON.stringify(json));
  const tokenizer = new TextTokenizer(made);
  const text = 'the one we see here '.repeat(200);
  const whole = vi.spyOn(tokenizer, 'whole');
  const { ids, lost } = tokenizer.head(text, 5);
  expect(whole.mock.calls).toEqual([[text]]);
  expect(ids).toEqual(tokenizer.whole(text).slice(0, 5));
  expect(lost).toBe(tokenizer.whole(text).length - 5);
});
