"""Make cases/pillow: what Pillow and the processors of transformers make of small pictures.

    pip install pillow==13.0.0 transformers==5.24.0 numpy==2.4.6
    python pillow.py
"""

import base64
import json
import pathlib

import numpy as np
from PIL import Image, ImageCms, ImageOps
from transformers import AutoImageProcessor

HERE = pathlib.Path(__file__).parent / "cases" / "pillow"
PICTURES = HERE / "pictures"
FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}


def picture(width, height):
    """Stripes, a slope and noise; resized.json is read by a test that makes the same."""
    y, x = np.mgrid[0:height, 0:width]
    noise = ((x * 7919 + y * 104729) % 251 * 31) % 256
    return np.stack([(x // 2 % 2) * 255, (5 * x + 3 * y) % 256, noise], -1).astype(np.uint8)


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def resized():
    sizes = [
        (64, 48, 9, 9), (7, 5, 12, 9), (1, 40, 4, 9), (90, 1, 7, 3), (61, 7, 5, 11), (8, 8, 8, 5), (64, 64, 28, 28),
    ]  # fmt: skip
    return [
        {"from": [w, h], "to": [to_w, to_h], "filter": name,
         "pixels": text(Image.fromarray(picture(w, h)).resize((to_w, to_h), number))}
        for w, h, to_w, to_h in sizes
        for name, number in FILTERS.items()
    ]  # fmt: skip


def profile_with_swapped_colours():
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = data.index(b"rXYZ"), data.index(b"bXYZ")
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(data)


def write_pictures():
    PICTURES.mkdir(parents=True, exist_ok=True)
    rgb = picture(17, 13)
    smooth = np.stack(np.mgrid[0:13, 0:17], -1).sum(-1).astype(np.uint8) * 8
    alpha = np.dstack([rgb, smooth])
    image = Image.fromarray(rgb)
    turned = Image.Exif()
    turned[274] = 6
    palette = image.quantize(16)
    for name, made, options in [
        ("rgb.png", image, {}),
        ("wide.png", Image.fromarray(picture(61, 13)), {}),
        ("large.png", Image.fromarray(picture(90, 64)), {}),
        ("thin.png", Image.fromarray(picture(1, 20)), {}),
        # With a shorter edge of 11 the longer is 14.995, which is 14.
        ("cut.png", Image.fromarray(np.mgrid[0:274, 0:201].sum(0).astype(np.uint8) // 2), {}),
        ("rgba.png", Image.fromarray(alpha), {}),
        ("grey-alpha.png", Image.fromarray(alpha[..., [1, 3]], "LA"), {}),
        ("grey.png", Image.fromarray(rgb[..., 1]), {}),
        ("black-white.png", Image.fromarray(rgb[..., 0] > 0), {}),
        ("palette.png", palette, {}),
        ("palette-transparent.png", palette, {"transparency": bytes(range(0, 256, 16))}),
        ("colour-transparent.png", image, {"transparency": (255, 9, 200)}),
        ("profile.png", image, {"icc_profile": profile_with_swapped_colours()}),
        ("turned.jpg", image, {"quality": 90, "exif": turned}),
        ("grey.jpg", Image.fromarray(smooth), {"quality": 90}),
        ("inks.jpg", image.convert("CMYK"), {"quality": 90}),
        ("inks.tif", image.convert("CMYK"), {}),
        ("moving.gif", image, {"save_all": True, "append_images": [Image.fromarray(255 - rgb)]}),
        ("moving.webp", image, {"save_all": True, "append_images": [Image.fromarray(255 - rgb)], "lossless": True}),
        ("rgb.webp", image, {"quality": 90}),
    ]:
        made.save(PICTURES / name, **options)


CLIP = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
SQUARE = {"height": 8, "width": 8}
# What else they are made of is left out: then the defaults of each kind count.
NO_MORE = {
    "Beit": SQUARE, "Bit": {"shortest_edge": 11}, "ChineseCLIP": {"shortest_edge": 11}, "CLIP": 11,
    "ConvNext": {"shortest_edge": 8}, "DeiT": 11, "DPT": 8, "MobileNetV1": 11,
    "MobileNetV2": {"shortest_edge": 11}, "MobileViT": {"shortest_edge": 11}, "Pvt": SQUARE, "Siglip": SQUARE, "ViT": 8,
}  # fmt: skip
CONFIGS = {
    **{
        f"only {name}": {"image_processor_type": f"{name}ImageProcessor", "size": size, "crop_size": SQUARE}
        for name, size in NO_MORE.items()
    },
    "vit": {"image_processor_type": "ViTImageProcessor", "size": SQUARE, "resample": 2, **HALF},
    "vit-old": {"feature_extractor_type": "ViTFeatureExtractor", "size": 8, "resample": 2, **HALF},
    "siglip": {"image_processor_type": "SiglipImageProcessor", "size": SQUARE, "resample": 3, **HALF},
    "clip": {
        "image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 8}, "resample": 3,
        "do_center_crop": True, "crop_size": SQUARE, "do_convert_rgb": True, **CLIP,
    },
    "clip-old": {
        "feature_extractor_type": "CLIPFeatureExtractor", "size": 8, "resample": 3,
        "do_center_crop": True, "crop_size": 8, **CLIP,
    },
    "dinov2": {
        "image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 11}, "resample": 3,
        "do_center_crop": True, "crop_size": SQUARE, "do_convert_rgb": True, **IMAGENET,
    },
    "padded": {
        "image_processor_type": "CLIPImageProcessor", "size": {"height": 6, "width": 12}, "resample": 3,
        "do_center_crop": True, "crop_size": SQUARE, **CLIP,
    },
    "convnext": {
        "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 8}, "crop_pct": 0.875,
        "resample": 3, **IMAGENET,
    },
    "edges": {
        "image_processor_type": "ViTImageProcessor", "size": {"shortest_edge": 8, "longest_edge": 13}, "resample": 2,
        **HALF,
    },
}  # fmt: skip


def processor_of(config, folder):
    kind = config.get("image_processor_type", config.get("feature_extractor_type")).replace(
        "FeatureExtractor", "ImageProcessor"
    )
    (folder / "preprocessor_config.json").write_text(json.dumps({**config, "image_processor_type": kind}))
    return AutoImageProcessor.from_pretrained(folder, backend="pil")


SIZES = ("wide.png", "large.png", "thin.png", "cut.png")


def processed(folder):
    cases = []
    for name, config in CONFIGS.items():
        processor = processor_of(config, folder)
        for path in sorted(PICTURES.iterdir()):
            if path.name not in (["wide.png"] if name.startswith("only ") else SIZES) and name != "vit":
                continue
            image = ImageOps.exif_transpose(Image.open(path))
            values = processor(image, do_convert_rgb=True, return_tensors="np")["pixel_values"]
            cases.append({"picture": path.name, "model": name, "shape": values.shape, "values": text(values)})
    return cases


if __name__ == "__main__":
    import tempfile

    write_pictures()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        (folder / "config.json").write_text('{"model_type": "vit"}')
        for name, data in [("resized", resized()), ("processed", {"models": CONFIGS, "cases": processed(folder)})]:
            (HERE / f"{name}.json").write_text(json.dumps(data, indent=0) + "\n")
