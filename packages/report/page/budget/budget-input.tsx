import { useState } from 'preact/hooks';
import { parseBudget } from '../../src/question/budget.ts';
import { count } from '../format.ts';

interface InputProps {
  budget: number;
  limits: Parameters<typeof parseBudget>[1];
  onBudget(budget: number): void;
}

/** Takes a number of picks or a share of all rows when it is left or Enter is pressed; what is neither stays, and is marked. */
export function BudgetInput({ budget, limits, onBudget }: InputProps) {
  const [draft, setDraft] = useState<{ text: string; at: number }>();
  // Whatever else sets the budget has the last word.
  const typed = draft?.at === budget ? draft.text : undefined;
  const parsed = typed === undefined ? budget : parseBudget(typed, limits);
  const take = (): void => {
    if (parsed === undefined) return;
    setDraft(undefined);
    onBudget(parsed);
  };
  return (
    <span class="budget-input">
      <input
        class="number"
        type="text"
        inputMode="text"
        autocomplete="off"
        spellcheck={false}
        aria-label="Rows kept, as a number or a share of all rows"
        title="A number of rows (k is a thousand), or a share of all rows such as 10% or 0.1"
        aria-invalid={parsed === undefined}
        aria-describedby={parsed === undefined ? 'budget-hint' : undefined}
        value={typed ?? count(budget)}
        size={8}
        onInput={(event) => setDraft({ text: event.currentTarget.value, at: budget })}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take();
          if (event.key === 'Escape') setDraft(undefined);
          const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          setDraft(undefined);
          onBudget(Math.max(1, Math.min(limits.most, budget + step)));
        }}
      />
      <span id="budget-hint" class="budget-hint" role="status">
        {parsed === undefined &&
          `Type a number of rows up to ${count(limits.rows)} (k is a thousand), or a share of them such as 10% or 0.1.`}
      </span>
    </span>
  );
}
