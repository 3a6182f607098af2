// The tables of docs/selectors.md, and that of docs/models.md, from bench/results/train.json, as Markdown.
import { readFileSync } from 'node:fs';
import { ROOT } from './support.mjs';

const { cells: measured, machine } = JSON.parse(readFileSync(`${ROOT}bench/results/train.json`, 'utf8'));
const cells = measured.filter(({ model }) => model === undefined);
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const signed = (value, digits = 3) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits).replace(/^0/, '')}`;
const unique = (values) => [...new Set(values)];
const row = (entries) => console.log(`| ${entries.join(' | ')} |`);
const head = (entries) => {
  row(entries);
  row(entries.map(() => '---'));
};
const below = (some, deviations) => some.filter(({ gain, deviation }) => gain < -deviations * deviation).length;
const percent = (share) => `${Math.round(100 * share)} %`;

console.log(machine);
for (const damage of unique(cells.map((cell) => cell.damage))) {
  const ofDamage = cells.filter((cell) => cell.damage === damage);
  const corpora = unique(ofDamage.map(({ corpus }) => corpus));
  console.log(`\n${damage}: mean gain over random\n`);
  head(['method', ...corpora, 'all', 'cells below by a deviation', 'by two', 'macro-F1']);
  const methods = unique(ofDamage.map(({ method }) => method)).map((method) => {
    const own = ofDamage.filter((cell) => cell.method === method);
    return { method, own, mean: meanOf(own.map(({ gain }) => gain)) };
  });
  for (const { method, own, mean } of methods.sort((a, b) => b.mean - a.mean)) {
    const byCorpus = corpora.map((corpus) => {
      const some = own.filter((cell) => cell.corpus === corpus);
      return some.length === 0 ? '' : signed(meanOf(some.map(({ gain }) => gain)));
    });
    const f1 = signed(meanOf(own.map(({ gainF1 }) => gainF1)));
    row([`\`${method}\``, ...byCorpus, signed(mean, 4), `${below(own, 1)} of ${own.length}`, below(own, 2), f1]);
  }
  if (damage === 'clean' || damage === 'wrong-labels') continue;
  console.log(`\n${damage}: share of what is kept\n`);
  const shares = unique(ofDamage.map(({ share }) => share));
  head(['method', ...shares.map(percent)]);
  for (const { method, own } of methods)
    row([
      `\`${method}\``,
      ...shares.map((share) => percent(meanOf(own.filter((cell) => cell.share === share).map(({ made }) => made)))),
    ]);
}
const auto = cells.filter(({ method, damage }) => method === 'auto' && damage === 'clean');
const shares = unique(auto.map(({ share }) => share));
console.log('\nauto, clean\n');
head(['corpus, learner', ...shares.map(percent)]);
for (const name of unique(auto.map(({ corpus, learner }) => `${corpus}, ${learner}`))) {
  const own = auto.filter(({ corpus, learner }) => `${corpus}, ${learner}` === name);
  row([
    name,
    ...own.map(
      ({ gain, deviation }) => `${signed(gain)}${gain < -2 * deviation ? ' ‼' : gain < -deviation ? ' !' : ''}`,
    ),
  ]);
}

const ofModels = measured.filter(({ method, damage }) => method === 'auto' && damage === 'clean');
console.log('\nauto, clean, by model: mean gain over random of the learners that do not see the vectors\n');
head(['corpus, model', ...shares.map(percent), 'all', 'cells below by a deviation', 'by two']);
for (const corpus of unique(ofModels.filter(({ model }) => model).map((cell) => cell.corpus)))
  for (const model of unique(ofModels.map((cell) => cell.model))) {
    const own = ofModels.filter((cell) => cell.corpus === corpus && cell.model === model && cell.learner !== 'probe');
    if (own.length === 0) continue;
    const at = shares.map((share) => meanOf(own.filter((cell) => cell.share === share).map(({ gain }) => gain)));
    const all = signed(meanOf(own.map(({ gain }) => gain)), 4);
    row([
      `${corpus}, ${model ?? 'the transformer'}`,
      ...at.map((gain) => signed(gain)),
      all,
      `${below(own, 1)} of ${own.length}`,
      below(own, 2),
    ]);
  }
