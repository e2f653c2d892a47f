"""What may be chosen of our figure: colours of skin, hair, eyes and clothes. All linear light, 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass

from accessify.core.character import Color

SKINS: dict[str, Color] = {
    "porcelain": (0.78, 0.56, 0.46),
    "light": (0.70, 0.46, 0.34),
    "tan": (0.52, 0.31, 0.20),
    "bronze": (0.42, 0.235, 0.140),
    "brown": (0.31, 0.165, 0.095),
    "deep": (0.150, 0.078, 0.048),
}
HAIRS: dict[str, Color] = {
    "black": (0.022, 0.018, 0.017),
    "brown": (0.085, 0.045, 0.026),
    "chestnut": (0.17, 0.075, 0.035),
    "blond": (0.50, 0.33, 0.15),
    "grey": (0.36, 0.35, 0.34),
}
IRISES: dict[str, Color] = {
    "brown": (0.13, 0.055, 0.022),
    "hazel": (0.185, 0.100, 0.038),
    "green": (0.110, 0.150, 0.075),
    "blue": (0.105, 0.180, 0.265),
}
CLOTHES: dict[str, Color] = {
    "navy": (0.030, 0.050, 0.105),
    "charcoal": (0.050, 0.052, 0.058),
    "teal": (0.020, 0.130, 0.140),
    "plum": (0.125, 0.040, 0.085),
    "sand": (0.55, 0.47, 0.36),
    "sky": (0.46, 0.60, 0.76),
}
"""Plain and calm; `contrasting` chooses the one that hands of a skin's colour stand out from."""


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of one figure."""

    skin: Color = SKINS["light"]
    hair: Color = HAIRS["brown"]
    iris: Color = IRISES["brown"]
    shirt: Color | None = None
    """None is the one that `contrasting` chooses for the skin."""
    trousers: Color = CLOTHES["charcoal"]

    @property
    def cloth(self) -> Color:
        """The shirt's colour."""
        return self.shirt or contrasting(self.skin)


def contrasting(skin: Color) -> Color:
    """The colour of `CLOTHES` with the highest contrast to `skin`."""
    return max(CLOTHES.values(), key=lambda cloth: contrast(cloth, skin))


def contrast(first: Color, second: Color) -> float:
    """1 to 21: the ratio of WCAG 2.2 ("contrast ratio", of relative luminances) of two colours."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = color
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
