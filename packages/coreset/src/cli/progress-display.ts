import { clearLine, cursorTo } from 'node:readline';
import {
  diagnosticsLine,
  formatCount,
  formatSeconds,
  type OnDiagnostics,
  type OnProgress,
  type Progress,
} from '@coreset/core';
import { SingleBar } from 'cli-progress';
import { coloursOf } from './colours.js';

const SECONDS_BETWEEN_LINES = 5;

interface Rate {
  perSecond: string;
  left: string;
}

function rateOf({ done, total }: Progress, first: number, seconds: number): Rate {
  const rate = seconds > 0 ? (done - first) / seconds : 0;
  return {
    perSecond: rate > 0 ? `${formatCount(rate)}/s` : '–/s',
    left: rate > 0 && total !== undefined ? `${formatSeconds((total - done) / rate)} left` : '',
  };
}

/** Where progress goes: a bar on a terminal, plain lines elsewhere, always on standard error. */
export interface ProgressDisplay {
  onProgress: OnProgress;
  /** A line that stays. */
  note(message: string): void;
  /** What decides the result, a line that stays. */
  onDiagnostics: OnDiagnostics;
  /** End the bar, if one is shown. */
  stop(): void;
}

/** Progress with rate and remaining time on `stream`. */
export function progressDisplay(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  const { yellow, dim } = coloursOf(stream);
  let stage = '';
  let startTime = 0;
  let startDone = 0;
  let lastLine = 0;
  let ended = true;
  let bar: SingleBar | undefined;

  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const begin = (progress: Progress, now: number): void => {
    stop();
    stage = progress.stage;
    startTime = now;
    startDone = progress.done;
    lastLine = now;
    ended = false;
    if (!stream.isTTY || progress.total === undefined) return;
    bar = new SingleBar({
      stream,
      format: `${stage.padEnd(10)} [{bar}] {percentage}% {value}/{total} {perSecond} {left}`,
      barsize: 28,
      fps: 8,
      hideCursor: true,
      gracefulExit: false,
      formatValue: (value, _options, type) =>
        type === 'value' || type === 'total' ? formatCount(value) : String(value),
    });
    bar.start(progress.total, progress.done, { perSecond: '', left: '' });
  };

  const writeLine = (line: string): void => {
    if (bar && stream.isTTY) {
      cursorTo(stream, 0);
      clearLine(stream, 0);
    }
    stream.write(`${line}\n`);
  };

  return {
    onProgress(progress) {
      const now = performance.now();
      if (progress.stage !== stage || (ended && progress.done !== progress.total)) begin(progress, now);
      if (ended) return;
      const finished = progress.done === progress.total;
      const seconds = (now - startTime) / 1000;
      const { perSecond, left } = rateOf(progress, startDone, seconds);
      if (bar) {
        bar.update(progress.done, { perSecond, left: finished ? formatSeconds(seconds) : left });
      } else if (finished || now - lastLine > SECONDS_BETWEEN_LINES * 1000) {
        lastLine = now;
        const of =
          progress.total === undefined
            ? ''
            : ` of ${formatCount(progress.total)} (${Math.floor((100 * progress.done) / Math.max(1, progress.total))} %)`;
        stream.write(
          `${stage}: ${formatCount(progress.done)}${of}, ${perSecond}${finished ? `, ${formatSeconds(seconds)}` : left && `, ${left}`}\n`,
        );
      }
      if (finished) {
        stop();
        ended = true;
      }
    },
    note: (message) => writeLine(`${yellow('note:')} ${message}`),
    onDiagnostics: (stage, facts) => writeLine(dim(diagnosticsLine(stage, facts))),
    stop,
  };
}
