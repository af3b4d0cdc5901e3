"""Writes images.json beside it: small images as Pillow writes them, in base64, with the pixels that Pillow reads.

    pip install pillow==12.3.0 numpy && python make-images.py
"""

import base64
import io
import json

import numpy as np
from PIL import Image, __version__

W, H = 23, 17
y, x = np.mgrid[0:H, 0:W]
smooth = np.stack([x * 255 // W, y * 255 // H, (x + y) * 255 // (W + H)], axis=-1).astype("uint8")
rgb = Image.fromarray(smooth)
grey = rgb.convert("L")
alpha = Image.fromarray(np.concatenate([smooth, smooth[:, :, :1]], axis=-1))


def text(data):
    return base64.b64encode(bytes(data)).decode()


images = []


def add(name, image, kind, expected=None, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    read = Image.open(io.BytesIO(buffer.getvalue()))
    read.load()
    if expected is None:
        mode = "RGBA" if read.mode in ("LA", "RGBA", "PA") or "transparency" in read.info else "RGB"
        expected = read.convert(mode)
    images.append(
        {
            "name": name,
            "file": text(buffer.getvalue()),
            "width": expected.width,
            "height": expected.height,
            "channels": len(expected.getbands()),
            "pixels": text(expected.tobytes()),
        }
    )


add("444.jpg", rgb, "JPEG", quality=92, subsampling=0)
add("420.jpg", rgb, "JPEG", quality=92, subsampling=2)
add("progressive.jpg", rgb, "JPEG", quality=92, subsampling=0, progressive=True)
add("grey.jpg", grey, "JPEG", quality=92)
add("adobe-rgb.jpg", rgb, "JPEG", quality=92, keep_rgb=True)
add("cmyk.jpg", rgb.convert("CMYK"), "JPEG", quality=92)
for turn, undo in ((3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_270), (8, Image.Transpose.ROTATE_90), (5, Image.Transpose.TRANSPOSE), (7, Image.Transpose.TRANSVERSE), (2, Image.Transpose.FLIP_LEFT_RIGHT), (4, Image.Transpose.FLIP_TOP_BOTTOM)):
    exif = Image.Exif()
    exif[0x0112] = turn
    buffer = io.BytesIO()
    rgb.save(buffer, "JPEG", quality=92, subsampling=0)
    add(f"orientation-{turn}.jpg", rgb, "JPEG", Image.open(buffer).transpose(undo), quality=92, subsampling=0, exif=exif)
add("rgb.png", rgb, "PNG")
add("rgba.png", alpha, "PNG")
add("grey.png", grey, "PNG")
add("grey-alpha.png", alpha.convert("LA"), "PNG")
add("one-bit.png", grey.convert("1"), "PNG")
for bits in (1, 2, 4, 8):
    add(f"palette-{bits}.png", rgb.quantize(2**bits), "PNG", bits=bits)
add("palette-transparent.png", rgb.quantize(16), "PNG", transparency=bytes(range(0, 256, 16)))
add("transparent-colour.png", rgb, "PNG", transparency=tuple(int(v) for v in smooth[3, 4]))
sixteen = Image.fromarray((smooth[:, :, 0].astype("uint16") * 257 + 100).clip(0, 65535).astype("uint16"))
add("grey-16.png", sixteen, "PNG", Image.fromarray(np.rint(np.asarray(sixteen) / 257).astype("uint8")).convert("RGB"))

noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (31, 40, 3), dtype="uint8"))
resized = [
    {"width": w, "height": h, "pixels": text(noise.resize((w, h), Image.Resampling.BILINEAR).tobytes())}
    for w, h in ((20, 15), (13, 10), (40, 9), (67, 52), (1, 1))
]
with open("images.json", "w") as file:
    json.dump(
        {"pillow": __version__, "images": images, "resize": {"width": 40, "height": 31, "pixels": text(noise.tobytes()), "to": resized}},
        file,
        indent=1,
    )
    file.write("\n")
