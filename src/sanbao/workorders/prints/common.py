"""What the forms of a work order share: the frame, the people, the appliance, amounts, signatures, the code to the order.

Customers' names, telephones and addresses are masked unless the caller says otherwise (GN-8). A dataclass left empty
is a blank form: its tables get empty lines to write in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

from sanbao.ui.formats import masked_address, masked_name, masked_phone
from sanbao.ui.printing import CannotPrint, ControlledForm, Signature, day, figures, moment
from sanbao_rules.money import percent_of, rmb_capitals

WORDS = "work-base"
VERSION, ISSUED = "A/0", date(2026, 12, 1)

CoverState = Literal["", "in", "out"]

# A signature is drawn at a fixed height: more pixels than these only make the file larger.
_SIGNATURE = (900, 260)
_LARGEST_SIGNATURE = 2 * 2**20
_MOST_SIGNATURE_PIXELS = 8_000_000
_PNG = b"\x89PNG\r\n\x1a\n"


class DoesNotAddUp(ValueError):
    """The lines and the amounts of a form disagree: it must not leave the house."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Whose form it is and who takes this copy. `link` is the order's address, printed as a code; `mark` a word behind the page."""

    company: str
    hotline: str
    printed_at: datetime | None = None
    printed_by: str = ""
    prepared: Signature = Signature()
    reviewed: Signature = Signature()
    approved: Signature = Signature()
    unmasked: bool = False
    mark: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """The appliance. `gas` is the kind of gas on its plate; `proof` says what proves the purchase."""

    category: str = ""
    model: str = ""
    serial: str = ""
    gas: str = ""
    made_on: date | None = None
    purchased_on: date | None = None
    installed_on: date | None = None
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """In or out of warranty as decided, with its last day and the sentence that explains it."""

    state: CoverState = ""
    until: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Engineer:
    name: str = ""
    number: str = ""
    certificate: str = ""
    certificate_kind: str = ""
    valid_to: date | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, when and how ("on the glass", "by link", "by telephone: …"), with the signature's PNG where there is one."""

    name: str = ""
    at: datetime | None = None
    picture: bytes = b""
    manner: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part or material: to be taken along, planned, or used. `serial` and `old_serial` are the codes of the new and the old one."""

    name: str = ""
    code: str = ""
    spec: str = ""
    quantity: Decimal = Decimal(1)
    unit: str = ""
    serial: str = ""
    old_serial: str = ""
    cover: CoverState = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class OldPart:
    """What became of a part taken out (OP-2): `ending` is "customer", "keeper" or nothing yet."""

    name: str = ""
    code: str = ""
    quantity: Decimal = Decimal(1)
    ending: Literal["", "customer", "keeper"] = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a bill. In warranty ("in") the company bears the amount, else the customer pays it.

    `kind` is a code with a word in the forms (labour, part, …) unless `kind_word` is given; `cap` is the most the part may cost (KA-6.2).
    """

    kind: str
    name: str
    price: int
    amount: int
    quantity: Decimal = Decimal(1)
    unit: str = ""
    code: str = ""
    cover: CoverState = "out"
    basis: str = ""
    kind_word: str = ""
    cap: int | None = None


def framed(frame: Frame, number: str, running: str) -> dict[str, Any]:
    """The dress of a page as the templates want it: `number` is the controlled form's, `running` the order's. Without the latter it is blank."""
    form = ControlledForm(number, VERSION, ISSUED, frame.prepared, frame.reviewed, frame.approved)
    return {
        "company": frame.company,
        "hotline": frame.hotline,
        "form": form.as_words(),
        "running": running,
        "mark": frame.mark,
        "blank": not running,
        "masked": bool(running) and not frame.unmasked,
        "code": code_of(frame.link),
        "printed_at": moment(frame.printed_at),
        "printed_by": frame.printed_by,
    }


def code_of(link: str) -> str:
    """The QR code of an address as SVG; nothing for nothing."""
    import segno

    if not link:
        return ""
    drawn = BytesIO()
    # The quiet zone is the white of the page around it.
    segno.make(link, error="m", micro=False).save(drawn, kind="svg", border=0, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


def customer(who: Customer, frame: Frame) -> dict[str, str]:
    return {
        "name": name_of(who.name, frame),
        "phone": who.phone if frame.unmasked else masked_phone(who.phone),
        "address": who.address if frame.unmasked else masked_address(who.address),
    }


def name_of(name: str, frame: Frame) -> str:
    return name if frame.unmasked else masked_name(name)


def unit(one: Unit) -> dict[str, str]:
    return {
        "category": one.category,
        "model": one.model,
        "serial": one.serial,
        "gas": one.gas,
        "made_on": day(one.made_on),
        "purchased_on": day(one.purchased_on),
        "installed_on": day(one.installed_on),
        "proof": one.proof,
    }


def cover(decided: Cover) -> dict[str, str]:
    return {"state": decided.state, "until": day(decided.until), "why": decided.why}


def engineer(who: Engineer) -> dict[str, str]:
    return {
        "name": who.name,
        "number": who.number,
        "certificate": who.certificate,
        "certificate_kind": who.certificate_kind,
        "valid_to": day(who.valid_to),
        "phone": who.phone,
    }


def signed(signature: Signed, name: str = "") -> dict[str, Any]:
    """A signature as the templates draw it; `name` replaces the signer's where it is masked.

    The picture goes as numbers: JSON carries no bytes, and the press reads no file that is not its own.
    """
    return {
        "name": name or signature.name,
        "at": moment(signature.at),
        "manner": signature.manner,
        "picture": list(signature_png(signature.picture)),
    }


def customer_signed(signature: Signed, frame: Frame) -> dict[str, Any]:
    """The customer's signature. Masked, its picture stays away too: it is a name written by hand."""
    if frame.unmasked:
        return signed(signature)
    return {
        "name": masked_name(signature.name),
        "at": moment(signature.at),
        "manner": signature.manner,
        "picture": [],
    }


def signature_png(picture: bytes) -> bytes:
    """The signature drawn anew in grey on white, cropped to its ink. Raises CannotPrint for anything but a PNG of a sane size."""
    from PIL import Image  # large, and only a print with a signature needs it

    if not picture:
        return b""
    if len(picture) > _LARGEST_SIGNATURE or not picture.startswith(_PNG):
        raise _unreadable()
    try:
        with Image.open(BytesIO(picture), formats=["PNG"]) as image:
            if image.width * image.height > _MOST_SIGNATURE_PIXELS:
                raise _unreadable()
            layered = image.convert("RGBA")
    except (OSError, SyntaxError, ValueError, EOFError) as broken:
        raise _unreadable() from broken
    paper = Image.new("RGBA", layered.size, "white")
    ink = Image.alpha_composite(paper, layered).convert("L")
    box = ink.point(lambda grey: 255 if grey < 200 else 0).getbbox()
    if box:
        ink = ink.crop(box)
    ink.thumbnail(_SIGNATURE)
    drawn = BytesIO()
    ink.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def _unreadable() -> CannotPrint:
    return CannotPrint(
        "无法打印：签名图片无法读取，请重新采集签名后再打印。"
        " The signature's picture cannot be read: have it signed again, then print.",
        code="unreadable_signature",
    )


def part(one: Part) -> dict[str, str]:
    return {
        "name": one.name,
        "code": one.code,
        "spec": one.spec,
        "quantity": counted(one.quantity, one.unit),
        "serial": one.serial,
        "old_serial": one.old_serial,
        "cover": one.cover,
        "note": one.note,
    }


def old_part(one: OldPart) -> dict[str, str]:
    return {
        "name": one.name,
        "code": one.code,
        "quantity": counted(one.quantity),
        "ending": one.ending,
        "note": one.note,
    }


def bill(lines: Sequence[Charge], words: dict[str, Any]) -> dict[str, Any]:
    """The lines with their sums: what the company bears, what the customer pays, and that in capitals.

    Raises DoesNotAddUp where a line is not its quantity times its price.
    """
    for line in lines:
        if percent_of(line.price, line.quantity) != line.amount:
            raise DoesNotAddUp(f"{line.name}: {line.quantity} × {line.price} fen is not {line.amount} fen")
    borne = sum(line.amount for line in lines if line.cover == "in")
    payable = payable_of(lines)
    return {
        "lines": [_charge(line, words) for line in lines],
        "borne": figures(borne),
        "payable": figures(payable),
        "capitals": rmb_capitals(payable),
    }


def payable_of(lines: Sequence[Charge]) -> int:
    """What the customer pays: everything that is not borne in warranty."""
    return sum(line.amount for line in lines if line.cover != "in")


def _charge(line: Charge, words: dict[str, Any]) -> dict[str, str]:
    return {
        "kind": line.kind_word or words["charges"].get(line.kind, line.kind),
        "name": line.name,
        "code": line.code,
        "quantity": counted(line.quantity, line.unit),
        "price": figures(line.price),
        "borne": figures(line.amount) if line.cover == "in" else "",
        "payable": figures(0 if line.cover == "in" else line.amount),
        "basis": line.basis,
        "cap": "" if line.cap is None else figures(line.cap),
    }


def counted(quantity: Decimal, unit: str = "") -> str:
    """Decimal("2.00"), "只" -> "2 只"."""
    return f"{quantity.normalize():f} {unit}".strip()


def slot(begins: datetime | None, ends: datetime | None) -> str:
    """An appointment: "2026-12-03 09:00–11:00"; over midnight both days are said."""
    if begins is None or ends is None:
        return moment(begins or ends)
    first, last = moment(begins), moment(ends)
    same = first[:10] == last[:10]
    return f"{first}–{last[11:] if same else last}"


def percent(rate: Decimal) -> str:
    """0.40 -> "40%"."""
    return f"{(rate * 100).normalize():f}%"
