"""Who made another's figure, under which terms, and what of the file is of no use here."""

from __future__ import annotations

from typing import Any

from accessify.delivery.glb_parse import Glb

_UNKNOWN = "unknown"
_CC0 = "creativecommons.org/publicdomain/zero/"
_SWINGING = "VRMC_springBone"


def rights_of(glb: Glb, stem: str) -> tuple[str, str, str, list[tuple[str, str]]]:
    """Name, author and licence, and kinds and texts of notes; `stem` is the name where none is told."""
    extensions = glb.document.get("extensions", {})
    new, old = extensions.get("VRMC_vrm"), extensions.get("VRM")
    if new is not None:
        name, author, licence, closed = _of_vrm1(new.get("meta", {}))
    elif old is not None:
        name, author, licence, closed = _of_vrm0(old.get("meta", {}))
    else:
        copyright_ = str(glb.document["asset"].get("copyright", ""))
        name, author, licence, closed = "", "", copyright_, False
    notes = []
    if closed:
        text = "its author does not let it be passed on: keep .glb and .vrm files that hold it to yourself"
        notes.append(("licence", text))
    swings = bool((old or {}).get("secondaryAnimation", {}).get("boneGroups"))
    if _SWINGING in extensions or swings:
        notes.append(("still", "its hair and clothes do not swing"))
    if glb.rows("animations"):
        notes.append(("animations", "its own animations are left out"))
    return name or stem, author or _UNKNOWN, licence or _UNKNOWN, notes


def _of_vrm1(meta: dict[str, Any]) -> tuple[str, str, str, bool]:
    authors = ", ".join(str(author) for author in meta.get("authors") or ())
    licence = str(meta.get("otherLicenseUrl") or meta.get("licenseUrl") or "")
    licence = "CC0-1.0" if _CC0 in licence else licence
    return str(meta.get("name") or ""), authors, licence, not meta.get("allowRedistribution", False)


def _of_vrm0(meta: dict[str, Any]) -> tuple[str, str, str, bool]:
    named = str(meta.get("licenseName") or "")
    licence = "CC0-1.0" if named == "CC0" else named
    if named in {"", "Other"}:
        licence = str(meta.get("otherLicenseUrl") or named)
    closed = named == "Redistribution_Prohibited"
    return str(meta.get("title") or ""), str(meta.get("author") or ""), licence, closed
