import { count, percent } from '../format.ts';
import type { Model } from '../model.ts';
import { BudgetInput } from './budget-input.tsx';
import { Commands } from './commands.tsx';

/** The slider over the order of picks, and the same as a number to type. */
export function BudgetBar({
  model,
  budget,
  onBudget,
}: {
  model: Model;
  budget: number;
  onBudget(budget: number): void;
}) {
  const { rows, keptUnseen } = model.data;
  const { picks } = model;
  const share = (budget + keptUnseen) / rows;
  return (
    <section class="budget" aria-label="Budget">
      <div class="budget-line">
        <label for="budget-slider">Keep the first</label>
        <BudgetInput budget={budget} limits={{ rows, keptUnseen, most: picks }} onBudget={onBudget} />
        <span class="of">
          of {count(picks)} picks <span class="muted">· {percent(share)} of all rows</span>
        </span>
        <input
          id="budget-slider"
          type="range"
          min={1}
          max={picks}
          step={1}
          value={budget}
          style={{ '--filled': `${(100 * (budget - 1)) / Math.max(1, picks - 1)}%` }}
          aria-valuetext={`${count(budget)} rows, ${percent(share)} of all`}
          onInput={(event) => onBudget(Number(event.currentTarget.value))}
        />
        <div class="budget-ends">
          <button type="button" class="quiet" disabled={budget === picks} onClick={() => onBudget(picks)}>
            All picks
          </button>
          <Commands model={model} budget={budget} />
        </div>
      </div>
    </section>
  );
}
