import { valueAt } from '../../src/question/budget.ts';
import { count, decimal } from '../format.ts';
import type { Model } from '../model.ts';
import { Frame, MARGIN, NumbersTable } from './frame.tsx';

/** How near rows are to a kept one, by the number of rows kept; the budget can be moved in it. */
export function Coverage({
  model,
  budget,
  onBudget,
}: {
  model: Model;
  budget: number;
  onBudget(budget: number): void;
}) {
  const { coverage, method } = model.data;
  const { budgets, kept, random } = coverage;
  if (budgets.length === 0) return null;
  const here = valueAt(budget, budgets, kept);
  const atRandom = valueAt(budget, budgets, random);
  const most = budgets[budgets.length - 1];
  const greatest = Math.max(...kept, ...random);
  return (
    <section class="card chart" aria-labelledby="coverage">
      <h2 id="coverage">How well the corpus is covered</h2>
      <p>
        Mean distance of a row to the nearest kept one: <strong>{decimal(here)}</strong>; with as many at random{' '}
        {decimal(atRandom)}. {comparison(here, atRandom, budgets, random)}
      </p>
      <Frame
        title={`Mean distance to the nearest kept row by rows kept: ${method} and at random. The table below has the numbers.`}
        xLabel="rows kept"
        yLabel="mean distance"
        xMost={most}
        yMost={greatest > 0 ? 1.05 * greatest : 1}
        xCounts
        onX={(value) => onBudget(Math.max(1, Math.min(model.picks, Math.round(value))))}
      >
        {({ x, y, width, height }) => {
          const line = (values: Float64Array): string =>
            Array.from(values, (value, at) => `${at === 0 ? 'M' : 'L'}${x(budgets[at])},${y(value)}`).join('');
          const isRight = x(budget) > width - 130;
          return (
            <>
              <path class="line random" d={line(random)} />
              <path class="line kept" d={line(kept)} />
              <line class="marker" x1={x(budget)} x2={x(budget)} y1={MARGIN.top} y2={height - MARGIN.bottom} />
              <circle class="random" cx={x(budget)} cy={y(atRandom)} r="4" />
              <circle class="kept" cx={x(budget)} cy={y(here)} r="5" />
              <text
                class="at"
                x={x(budget) + (isRight ? -8 : 8)}
                y={MARGIN.top + 10}
                text-anchor={isRight ? 'end' : 'start'}
              >
                {count(budget)}
              </text>
            </>
          );
        }}
      </Frame>
      <ul class="legend">
        <li>
          <span class="stroke kept" /> {method}
        </li>
        <li>
          <span class="stroke random" /> at random
        </li>
      </ul>
      <NumbersTable
        head={['rows kept', method, 'at random']}
        rows={Array.from(budgets, (one, at) => [count(one), decimal(kept[at]), decimal(random[at])])}
      />
    </section>
  );
}

/** How many random rows would cover as much. */
function comparison(here: number, atRandom: number, budgets: Int32Array, random: Float64Array): string {
  if (here === 0 && atRandom === 0) return 'Every row lies on a kept one, and would with random ones.';
  if (here >= atRandom) return 'Rows drawn at random would cover as much or more.';
  const after = random.findIndex((distance) => distance <= here);
  const most = budgets[budgets.length - 1];
  if (after < 0) return `It takes more than ${count(most)} random rows to cover as much.`;
  if (after === 0) return '';
  const share = (random[after - 1] - here) / (random[after - 1] - random[after]);
  return `It takes ${count(Math.round(budgets[after - 1] + share * (budgets[after] - budgets[after - 1])))} random rows to cover as much.`;
}
