import { useEffect, useState } from 'preact/hooks';
import { parseBudget } from '../../src/question/budget.ts';
import { count, percent } from '../format.ts';
import type { Model } from '../model.ts';
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
        <BudgetInput budget={budget} rows={rows} most={picks} onBudget={onBudget} />
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

interface InputProps {
  budget: number;
  rows: number;
  most: number;
  onBudget(budget: number): void;
}

/** Takes a number of rows or a share of them when it is left or Enter is pressed. */
function BudgetInput({ budget, rows, most, onBudget }: InputProps) {
  const [text, setText] = useState(count(budget));
  const [isTyped, setTyped] = useState(false);
  useEffect(() => {
    if (!isTyped) setText(count(budget));
  }, [budget, isTyped]);
  const parsed = parseBudget(text, rows, most);
  const take = (): void => {
    setTyped(false);
    if (parsed === undefined) setText(count(budget));
    else onBudget(parsed);
  };
  return (
    <input
      class="number"
      type="text"
      inputMode="decimal"
      aria-label="Rows kept, as a number or a percentage of all rows"
      title="A number of rows, or a percentage such as 10%"
      aria-invalid={isTyped && parsed === undefined}
      value={text}
      size={8}
      onInput={(event) => {
        setTyped(true);
        setText(event.currentTarget.value);
      }}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
        const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        setTyped(false);
        onBudget(Math.max(1, Math.min(most, budget + step)));
      }}
    />
  );
}
