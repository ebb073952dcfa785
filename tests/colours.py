"""Yardsticks for colours: how far apart they are, for whom, and on which ground."""

import numpy as np

# Streamlit's grounds, of the page and of the sidebar: those of 1.67 as a browser shows them (see
# test_accessibility.py), and the bluish ones of older versions.
GROUNDS = {"light": ["#ffffff", "#f8f8f7", "#f0f2f6"], "dark": ["#171614", "#21201d", "#0e1117"]}
BAR_TEXT = {"light": "#ffffff", "dark": "#111111"}  # live_view.js writes it on the colours

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: A Physiologically-based Model for Simulation
# of Color Vision Deficiency. IEEE TVCG 15 (6), 2009. Their matrices of severity 1.0, on linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# sRGB, IEC 61966-2-1, from linear RGB to CIE XYZ under D65.
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
# CIE 1976 distance. 2.3 is just noticeable side by side (Mahy et al. 1994); two thin lines apart
# from each other take about ten times as much.
DISTINCT = 25
NEARLY = 20  # for twelve curves, which have symbols too


def linear(colour: str) -> np.ndarray:
    """Linear RGB of #rrggbb."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2."""
    dim, bright = sorted(TO_XYZ[1] @ linear(colour) for colour in (one, other))
    return (bright + 0.05) / (dim + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB."""
    t = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
