"""Colours as eyes see them: contrast, blending, distance, and colour blindness; the sources are named at each."""

from __future__ import annotations

import re

import numpy as np

#: Machado, Oliveira, Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision Deficiency", their
#: matrices for severity 1.0, on linear RGB.
BLIND = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def rgba(text: str) -> tuple[float, float, float, float]:
    """``#rgb``, ``#rrggbb``, ``#rrggbbaa`` or ``rgb[a](…)`` as red, green, blue in 0 to 255 and opacity in 0 to 1."""
    text = text.strip()
    if text.startswith("#"):
        digits = text[1:] if len(text) > 5 else "".join(2 * digit for digit in text[1:])
        parts = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
        return (*parts[:3], parts[3] / 255 if len(parts) > 3 else 1.0)
    parts = [float(part) for part in re.findall(r"[\d.]+", text)]
    return (*parts[:3], parts[3] if len(parts) > 3 else 1.0)


def over(front: str, back: str, opacity: float = 1.0) -> str:
    """What is seen of a translucent colour in front of an opaque one: browsers blend in sRGB."""
    *colour, own = rgba(front)
    share = own * opacity
    mixed = (share * c + (1 - share) * b for c, b in zip(colour, rgba(back)[:3], strict=True))
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def linear(colour: str) -> np.ndarray:
    """sRGB to linear light, each part in 0 to 1 (IEC 61966-2-1)."""
    part = np.array(rgba(colour)[:3]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21, WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def oklab(colour: str, blindness: str = "none") -> np.ndarray:
    """OKLab, https://bottosson.github.io/posts/oklab/, of what a colour-blind eye makes of the colour."""
    seen = np.clip(BLIND[blindness] @ linear(colour), 0, 1)
    cones = np.cbrt(
        np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        )
        @ seen
    )
    return (
        np.array(
            [
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ]
        )
        @ cones
    )


def distance(one: str, other: str) -> float:
    """The least OKLab distance of two colours over all kinds of sight; about 0.02 is just noticeable."""
    return min(float(np.linalg.norm(oklab(one, kind) - oklab(other, kind))) for kind in BLIND)
