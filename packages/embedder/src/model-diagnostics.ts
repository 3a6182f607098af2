import { basename } from 'node:path';
import type { Diagnostics } from '@coreset/core';
import { BUNDLED_MODEL } from './model-source.js';
import type { LocalSettings, ModelSettings } from './options.js';
import { tableOutline } from './static/token-table.js';

/** The commit of a model that is of the hub, by the folder that it was downloaded to. */
export function commitOf(folder: string): string | undefined {
  return /[/\\]snapshots[/\\]([0-9a-f]{8,})$/.exec(folder)?.[1];
}

/**
 * A model in a word, wherever it lies: its folder's name, or the hub id.
 * @param model as it was named; default: the bundled one
 */
export function modelTitle({ source }: ModelSettings, model: string = BUNDLED_MODEL): string {
  return source.kind === 'local' && commitOf(source.folder) === undefined ? basename(source.folder) : model;
}

/**
 * What decides the vectors that a model gives, besides its files.
 * @param model as it was named; default: the bundled one
 */
export function modelDiagnostics(settings: LocalSettings, model: string = BUNDLED_MODEL): Diagnostics {
  const { modality, source, dtype, device, poolings, normalise, maxTokens, long, batchSize, sameLength, text } =
    settings;
  if (settings.static) {
    const { type, rows, cols } = tableOutline(source.folder, settings.static);
    return {
      modality,
      model,
      commit: commitOf(source.folder) ?? null,
      static: true,
      table: `${rows} × ${cols} ${type}`,
      unknownTokens: settings.static.dropsUnknown ? 'dropped' : 'counted',
      prompt: settings.static.prompt || null,
      normalise,
      maxTokens: Number.isFinite(maxTokens) ? maxTokens : null,
    };
  }
  const pooling = poolings.join(' + ');
  const ofTexts = text && {
    output: text.output,
    pooling: text.perText ? null : pooling,
    prompt: text.pipeline.prompt || null,
    ...(text.pipeline.prompt !== '' && { pooledPrompt: text.pipeline.pooledPrompt }),
    lowerCase: text.pipeline.lowerCase,
    maxTokens,
    long,
    sameLength,
  };
  return {
    modality,
    model,
    commit: commitOf(source.folder) ?? null,
    dtype,
    device,
    pooling,
    normalise,
    batchSize,
    ...ofTexts,
  };
}
