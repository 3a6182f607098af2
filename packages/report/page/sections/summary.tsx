import { count, percent } from '../format.ts';
import type { Model } from '../model.ts';
import { type Theme, ThemeSwitch } from '../theme.tsx';

interface SummaryProps {
  model: Model;
  budget: number;
  theme: Theme;
  onTheme(theme: Theme): void;
}

/** What was kept of what, in a line. */
export function Summary({ model, budget, theme, onTheme }: SummaryProps) {
  const { name, method, model: embeddedBy, rows, keptUnseen, version } = model.data;
  const kept = budget + keptUnseen;
  return (
    <header class="summary">
      <div>
        <h1>
          Coreset of <span class="corpus">{name}</span>
        </h1>
        <p aria-live="polite">
          <strong class="kept-text">{count(kept)}</strong> of {count(rows)} rows kept ({percent(kept / rows)}),{' '}
          {count(rows - kept)} dropped, by <code>{method}</code>
          {embeddedBy !== undefined && (
            <>
              , embedded by <code>{embeddedBy}</code>
            </>
          )}
          {budget < model.picks && <span class="muted"> · the run kept {count(model.picks + keptUnseen)}</span>}
        </p>
      </div>
      <div class="summary-end">
        <span class="muted small">coreset {version}</span>
        <ThemeSwitch theme={theme} onSwitch={onTheme} />
      </div>
    </header>
  );
}
