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

/** Whether a file begins as an image does that {@link readPixels} can read. */
export async function isImageFile(path: string): Promise<boolean> {
  const sharp = await load();
  return sharp(path)
    .metadata()
    .then(
      () => true,
      () => false,
    );
}

/** Pixels of an image, rows × columns × red, green, blue. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
}

/**
 * Read an image file upright, as Python's `transformers` does with Pillow: what is transparent is white, colour profiles do
 * not count, inks are mixed plainly, and of moving pictures the first counts. Of one that is cut short what is there counts.
 * @throws CoresetError when it is no image, or has more than 268 million pixels
 */
export async function readPixels(path: string): Promise<Pixels> {
  const sharp = await load();
  try {
    const image = sharp(path, { failOn: 'none', ignoreIcc: true }).autoOrient();
    const isInk = (await image.metadata()).space === 'cmyk';
    const raw = isInk
      ? image.pipelineColourspace('cmyk').toColourspace('cmyk')
      : image.flatten({ background: 'white' }).toColourspace('srgb').removeAlpha();
    const { data, info } = await raw.raw().toBuffer({ resolveWithObject: true });
    return { data: isInk ? withoutInk(data) : data, width: info.width, height: info.height };
  } catch (error) {
    throw new CoresetError(`cannot read the image ${path}: ${messageOf(error)}`);
  }
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
