"""What a PDF says to its reader: the letters of its pages, by the maps that its fonts carry."""

import io
import re

import pikepdf


def words_of(content: bytes) -> str:
    """All text of a PDF that we wrote, in the order in which it is set, without the spaces between."""
    said: list[str] = []
    with pikepdf.open(io.BytesIO(content)) as file:
        for sheet in file.pages:
            fonts = {name: _letters(font) for name, font in sheet.Resources.Font.items()}
            letters: dict[int, str] = {}
            for operands, operator in pikepdf.parse_content_stream(sheet):
                if str(operator) == "Tf":
                    letters = fonts[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    parts = operands[0] if str(operator) == "TJ" else [operands[0]]
                    said += [
                        _said(bytes(part), letters) for part in parts if isinstance(part, pikepdf.String)
                    ]
    return "".join("".join(said).split())


def _letters(font: pikepdf.Object) -> dict[int, str]:
    table = bytes(font.ToUnicode.read_bytes()).decode()
    return {
        int(code, 16): bytes.fromhex(letter).decode("utf-16-be")
        for code, letter in re.findall(r"^<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>$", table, re.M)
    }


def _said(codes: bytes, letters: dict[int, str]) -> str:
    return "".join(letters.get(int.from_bytes(codes[at : at + 2]), "") for at in range(0, len(codes), 2))
