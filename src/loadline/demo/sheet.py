"""A header and rows in, the bytes of a small Excel workbook out; the same rows give the same bytes.

A workbook is a zip of XML parts (ECMA-376). Only what a one-sheet table needs is written, so that the demo company can
have the spreadsheet every real company has, without a library for it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FIXED_MOMENT = (2026, 11, 1, 0, 0, 0)  # a zip keeps a time per part: a fixed one keeps the bytes equal
_EXCEL_EPOCH = date(1899, 12, 30)
_DATE_STYLE = 1

Cell = str | int | date | None


def workbook(name: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """One sheet called `name`; dates are real date cells (style 1), absent values empty cells."""
    lines = [_row(1, header), *(_row(number, row) for number, row in enumerate(rows, start=2))]
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations((("officeDocument", "xl/workbook.xml"),)),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations((("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"))),
        "xl/styles.xml": _styles(),
        "xl/worksheets/sheet1.xml": f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData>'
        "</worksheet>",
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, text in parts.items():
            archive.writestr(zipfile.ZipInfo(path, _FIXED_MOMENT), text.encode())
    return stream.getvalue()


def _row(number: int, cells: Sequence[Cell]) -> str:
    written = "".join(_cell(f"{chr(ord('A') + place)}{number}", cell) for place, cell in enumerate(cells))
    return f'<row r="{number}">{written}</row>'


def _cell(reference: str, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case date():
            return f'<c r="{reference}" s="{_DATE_STYLE}"><v>{(cell - _EXCEL_EPOCH).days}</v></c>'
        case int():
            return f'<c r="{reference}"><v>{cell}</v></c>'
        case str():
            return f'<c r="{reference}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'


def _content_types() -> str:
    overrides = (("/xl/workbook.xml", "sheet.main"), ("/xl/worksheets/sheet1.xml", "worksheet"))
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="{part}" ContentType="{_SHEET_TYPE}.{kind}+xml"/>' for part, kind in overrides)
        + f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/></Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _styles() -> str:
    """Two cell formats: general, and 14, the built-in date."""
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
    )
