import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ticksOf } from '../../src/question/ticks.ts';

/** Around what is drawn, in pixels. */
export const MARGIN = { top: 12, right: 14, bottom: 26, left: 44 };
const HEIGHT = 220;

/** Where values lie in a chart. */
export interface Scales {
  width: number;
  height: number;
  x(value: number): number;
  y(value: number): number;
}

interface FrameProps {
  title: string;
  xLabel: string;
  yLabel: string;
  xMost: number;
  yMost: number;
  /** What the axis counts has no fractions. */
  xCounts?: boolean;
  yCounts?: boolean;
  children(scales: Scales): ComponentChildren;
  /** Of a place that was pressed or dragged to. */
  onX?(value: number): void;
}

/** The axes of a chart, as wide as there is room. */
export function Frame({ title, xLabel, yLabel, xMost, yMost, xCounts, yCounts, children, onX }: FrameProps) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const scales: Scales = {
    width,
    height: HEIGHT,
    x: (value) => MARGIN.left + (value / xMost) * (width - MARGIN.left - MARGIN.right),
    y: (value) => HEIGHT - MARGIN.bottom - (value / yMost) * (HEIGHT - MARGIN.top - MARGIN.bottom),
  };
  const valueAt = (event: PointerEvent & { currentTarget: Element }): number => {
    const { left } = event.currentTarget.getBoundingClientRect();
    return ((event.clientX - left - MARGIN.left) / (width - MARGIN.left - MARGIN.right)) * xMost;
  };
  return (
    <div class={onX ? 'frame drags' : 'frame'} ref={root}>
      <svg
        role="img"
        aria-label={title}
        width={width}
        height={HEIGHT}
        onPointerDown={(event) => {
          if (!onX) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          onX(valueAt(event));
        }}
        onPointerMove={(event) => {
          if (onX && event.currentTarget.hasPointerCapture(event.pointerId)) onX(valueAt(event));
        }}
      >
        {ticksOf(yMost, 4, yCounts).map(({ value: tick, text }) => (
          <g key={tick}>
            <line class="grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={scales.y(tick)} y2={scales.y(tick)} />
            <text x={MARGIN.left - 6} y={scales.y(tick)} dy="0.32em" text-anchor="end">
              {text}
            </text>
          </g>
        ))}
        {ticksOf(xMost, Math.max(2, Math.floor(width / 110)), xCounts).map(({ value: tick, text }) => (
          <text
            key={tick}
            x={scales.x(tick)}
            y={HEIGHT - MARGIN.bottom + 16}
            text-anchor={tick === 0 ? 'start' : 'middle'}
          >
            {text}
          </text>
        ))}
        {children(scales)}
      </svg>
      <div class="axes muted small" aria-hidden="true">
        <span>↑ {yLabel}</span>
        <span>{xLabel} →</span>
      </div>
    </div>
  );
}

function useWidth(root: { current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(480);
  useEffect(() => {
    const element = root.current as HTMLDivElement;
    const observer = new ResizeObserver(() => setWidth(Math.max(220, Math.floor(element.clientWidth))));
    observer.observe(element);
    return () => observer.disconnect();
  }, [root]);
  return width;
}

/** The numbers behind a chart. */
export function NumbersTable({ head, rows }: { head: string[]; rows: (string | number)[][] }) {
  return (
    <details class="numbers">
      <summary>As a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="scroll" aria-label="The numbers behind the chart" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells) => (
              <tr key={cells[0]}>
                {cells.map((cell, at) => (
                  <td key={head[at]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
