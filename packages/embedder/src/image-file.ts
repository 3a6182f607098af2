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
