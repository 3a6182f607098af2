import { render } from 'preact';
import { unpackText } from '../src/page/packed.ts';
import type { ReportData } from '../src/report-data.ts';
import { App } from './app.tsx';
import { Model } from './model.ts';

async function start(): Promise<void> {
  const root = document.getElementById('page') as HTMLElement;
  const packed = document.getElementById('data') as HTMLElement;
  try {
    const data = await unpackText<ReportData>(packed.textContent);
    packed.remove();
    root.replaceChildren();
    render(<App model={new Model(data)} />, root);
  } catch (error) {
    const notice = document.createElement('p');
    notice.className = 'loading';
    notice.textContent =
      typeof DecompressionStream === 'undefined'
        ? 'This browser is too old for this page: it needs Chrome or Edge 109, Firefox 115, Safari 16.4, or later ones.'
        : `This page could not be shown: ${error instanceof Error ? error.message : String(error)}`;
    root.replaceChildren(notice);
    throw error;
  }
}

void start();
