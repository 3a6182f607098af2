import { CoresetError, messageOf } from '@coreset/core';

/**
 * Loaded when it is needed: it brings a native library, which may be missing where nobody embeds images.
 * @throws CoresetError when it cannot be loaded
 */
async function load(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    const reason = messageOf(error).split('\n')[0];
    throw new CoresetError(
      `images need the package sharp, which cannot be loaded (${reason}); install it with its optional packages: npm install --include=optional sharp`,
    );
  }
}

/** @throws CoresetError when images cannot be read here */
export async function requireSharp(): Promise<void> {
  await load();
}

/**
 * Find out by its beginning whether a file is an image that {@link readPixels} can read. What is damaged behind that is found
 * when it is read: to do so before takes many times as long, for AVIF as long as a model takes.
 * @returns what is wrong with it, where something is
 */
export async function imageProblem(path: string): Promise<string | undefined> {
  const sharp = await load();
  try {
    const { compression } = await sharp(path, DECODING).metadata();
    // HEIC has headers like AVIF, and the pixels can seldom be decoded.
    if (compression === 'hevc') await sharp(path, DECODING).stats();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Pixels of an image, rows × columns × red, green, blue. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
}

/** A colour profile does not count for Pillow, so not for models either. */
const DECODING = { failOn: 'none', ignoreIcc: true } as const;

/** An image, or why it cannot be read. */
export type ReadImage = { picture: Pixels; isWhole: boolean } | { problem: string };

/**
 * Read an image file upright, as Python's `transformers` does with Pillow: what is transparent is white, colour profiles do
 * not count, inks are mixed plainly, and of moving pictures the first counts. Of one that is cut short what is there counts.
 */
export async function readPixels(path: string): Promise<ReadImage> {
  try {
    return { picture: await decode(path, 'error'), isWhole: true };
  } catch {
    return decode(path, DECODING.failOn).then(
      (picture) => ({ picture, isWhole: false }),
      (error) => ({ problem: reasonOf(error) }),
    );
  }
}

async function decode(path: string, failOn: 'error' | 'none'): Promise<Pixels> {
  const sharp = await load();
  const image = sharp(path, { ...DECODING, failOn }).autoOrient();
  const isInk = (await image.metadata()).space === 'cmyk';
  const raw = isInk
    ? image.pipelineColourspace('cmyk').toColourspace('cmyk')
    : image.flatten({ background: 'white' }).toColourspace('srgb').removeAlpha();
  const { data, info } = await raw.raw().toBuffer({ resolveWithObject: true });
  return { data: isInk ? withoutInk(data) : data, width: info.width, height: info.height };
}

/** The last line says most: before it are those of attempts, each with the path. */
function reasonOf(error: unknown): string {
  const lines = messageOf(error)
    .split('\n')
    .map((line) => line.trim());
  return lines.filter((line) => line !== '').at(-1) ?? 'unknown reason';
}

/** Cyan, magenta, yellow and black to red, green and blue. */
function withoutInk(inks: Uint8Array): Uint8ClampedArray {
  const data = new Uint8ClampedArray((inks.length / 4) * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = 4 * Math.floor(i / 3);
    data[i] = ((255 - inks[pixel + (i % 3)]) * (255 - inks[pixel + 3])) / 255;
  }
  return data;
}
