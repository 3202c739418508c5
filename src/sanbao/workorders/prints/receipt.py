"""《收款收据》: what the customer paid, in figures and Chinese capitals; not an invoice, and it says so (KA-4.3, RW-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sanbao.ui.printing import figures, moment, pdf, words
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Charge, DoesNotAddUp, Frame, Signed
from sanbao_rules.money import rmb_capitals

TEMPLATE = "receipt"
NUMBER = "SB-WX-06"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment. Where its `charges` are listed they must come to `amount`; a deposit or a part payment lists none."""

    number: str = ""
    order: str = ""
    outlet: str = ""
    payer: str = ""
    received_at: datetime | None = None
    amount: int = 0
    method: str = ""
    reference: str = ""
    purpose: str = ""
    charges: Sequence[Charge] = ()
    receiver_signed: Signed = Signed()
    customer_signed: Signed = Signed()


def receipt_pdf(receipt: Receipt, frame: Frame, language: str) -> bytes:
    """The receipt as PDF; one without a number is a blank form. Raises DoesNotAddUp."""
    return pdf(TEMPLATE, printed(receipt, frame, language), language)


def printed(receipt: Receipt, frame: Frame, language: str) -> dict[str, Any]:
    """The receipt as the form shows it: every value a finished text."""
    check_sum(receipt)
    return common.framed(frame, NUMBER, receipt.number) | {
        "receipt": {
            "blank": not receipt.number,
            "number": receipt.number,
            "order": receipt.order,
            "outlet": receipt.outlet,
            "payer": common.name_of(receipt.payer, frame),
            "received_at": moment(receipt.received_at),
            "amount": figures(receipt.amount),
            "capitals": rmb_capitals(receipt.amount),
            "method": receipt.method,
            "reference": receipt.reference,
            "purpose": receipt.purpose,
            "bill": common.bill(receipt.charges, words(common.WORDS, language)),
            "signed": {
                "receiver": common.signed(receipt.receiver_signed),
                "customer": common.customer_signed(receipt.customer_signed, frame),
                "seal": common.signed(Signed()),
            },
        }
    }


def check_sum(receipt: Receipt) -> None:
    """Money that came in is never negative, and the listed charges come to it, to the fen."""
    if receipt.amount < 0:
        raise DoesNotAddUp(f"receipt {receipt.number}: {receipt.amount} fen cannot have been received")
    listed = common.payable_of(receipt.charges)
    if receipt.charges and listed != receipt.amount:
        raise DoesNotAddUp(
            f"receipt {receipt.number}: the lines come to {listed} fen, {receipt.amount} fen were received"
        )
