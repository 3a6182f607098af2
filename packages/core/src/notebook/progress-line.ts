import type { Progress } from '../threads/progress.js';
import { formatCount, formatSeconds } from '../units.js';
import { escapeHtml, type MimeBundle } from './display.js';

const MS_BETWEEN_UPDATES = 100;

/** Where a line is shown and replaced. */
type Show = (bundle: MimeBundle) => { update(bundle: MimeBundle): void };

/** The progress of a cell: a bar for the stage at work, one line that says what was done in the end. */
export class ProgressLine {
  private readonly stages = new Map<string, Progress>();
  private shown?: ReturnType<Show>;
  private shownAt = 0;
  private current = '';
  private startedAt = 0;
  private startedWith = 0;

  constructor(private readonly show: Show) {}

  tell(progress: Progress): void {
    const { stage, done, total } = progress;
    const before = this.stages.get(stage);
    // What is told again of a stage that has ended is no news.
    if (before !== undefined && isDone(before) && before.done === done && before.total === total) return;
    const now = performance.now();
    const begins = stage !== this.current || (before !== undefined && isDone(before));
    if (begins) {
      this.current = stage;
      this.startedAt = now;
      this.startedWith = done;
    }
    this.stages.delete(stage);
    this.stages.set(stage, progress);
    if (!begins && !isDone(progress) && now - this.shownAt < MS_BETWEEN_UPDATES) return;
    this.shownAt = now;
    const bundle = this.bundle(now);
    if (this.shown === undefined) this.shown = this.show(bundle);
    else this.shown.update(bundle);
  }

  private bundle(now: number): MimeBundle {
    const last = this.stages.get(this.current);
    const atWork = last === undefined || isDone(last) ? undefined : last;
    const ended = [...this.stages.values()].filter((progress) => progress !== atWork).map(({ stage }) => stage);
    if (atWork === undefined)
      return { 'text/plain': `✓ ${ended.join(' · ')}`, 'text/html': small(`✓ ${escapeHtml(ended.join(' · '))}`) };
    const text = [...ended, this.textOf(atWork, now)].join(' · ');
    return { 'text/plain': text, 'text/html': small(`${barOf(atWork)}${escapeHtml(text)}`) };
  }

  private textOf({ stage, done, total }: Progress, now: number): string {
    if (total === undefined) return `${stage} ${formatCount(done)}`;
    const rate = (done - this.startedWith) / (now - this.startedAt);
    const left = rate > 0 ? `, ${formatSeconds((total - done) / rate / 1000)} left` : '';
    return `${stage} ${formatCount(done)} of ${formatCount(total)}${left}`;
  }
}

function isDone({ done, total }: Progress): boolean {
  return done === total;
}

function barOf({ done, total }: Progress): string {
  if (total === undefined) return '';
  return `<progress value="${done}" max="${Math.max(1, total)}" style="vertical-align: middle; margin-right: 0.6em"></progress>`;
}

function small(html: string): string {
  return `<small>${html}</small>`;
}
