import { useEffect, useRef, useState } from 'preact/hooks';
import { commandLine, runOf } from '../../src/question/command-line.ts';
import { Command } from '../copy-button.tsx';
import { count } from '../format.ts';
import type { Model } from '../model.ts';

/** The command lines that make files of the first picks, behind a button. */
export function Commands({ model, budget }: { model: Model; budget: number }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const close = (event: Event): void => {
      const isKey = event instanceof KeyboardEvent;
      if (isKey ? event.key !== 'Escape' : root.current?.contains(event.target as Node)) return;
      setOpen(false);
      if (isKey) button.current?.focus();
    };
    for (const name of ['pointerdown', 'keydown']) addEventListener(name, close);
    return () => {
      for (const name of ['pointerdown', 'keydown']) removeEventListener(name, close);
    };
  }, [isOpen]);
  const { commands, isNested, method } = model.data;
  return (
    <div class="commands" ref={root}>
      <button
        type="button"
        class="primary"
        ref={button}
        aria-expanded={isOpen}
        aria-controls="commands"
        onClick={() => setOpen(!isOpen)}
      >
        Export
      </button>
      {isOpen && (
        <div id="commands" class="popover">
          <h2>The first {count(budget)} picks</h2>
          {commands.map(({ what, command }) => (
            <div key={what}>
              <p>{what}</p>
              <Command line={commandLine(command, { run: runOf(location), budget })} />
            </div>
          ))}
          <p class="muted small">
            {isNested
              ? `A run of its own at this budget picks the same rows in the same order.`
              : `Any beginning of the order is a smaller coreset. A run of ${method} with this budget picks other rows here and there.`}
          </p>
        </div>
      )}
    </div>
  );
}
