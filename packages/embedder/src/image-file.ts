import { CoresetError, messageOf } from '@coreset/core';

/** Loaded when it is needed: it brings a native library. */
const load = async () => (await import('sharp')).default;

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
  data: Uint8Array;
  width: number;
  height: number;
}

/**
 * Read an image file upright, without transparency. Of one that is cut short what is there counts.
 * @throws CoresetError when it is no image
 */
export async function readPixels(path: string): Promise<Pixels> {
  const sharp = await load();
  try {
    const image = sharp(path, { failOn: 'none' }).autoOrient().toColourspace('srgb').removeAlpha().raw();
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (error) {
    throw new CoresetError(`cannot read the image ${path}: ${messageOf(error)}`);
  }
}
