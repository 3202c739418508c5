"""A made-up month of the sample outlet, as the database would hand it to the printer."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sanbao.settlements.statement_print import (
    Counts,
    DeductionLine,
    PrintedClause,
    PrintedEdition,
    RefundLine,
    SheetLine,
    StatementPrint,
    Totals,
    Why,
)
from sanbao.ui.printing import ControlledForm, Signature

WARRANTY, LABOUR, RATE, CALLBACK = (
    "appliance KA-5.1",
    "appliance KA-4.3",
    "appliance KA-11.1",
    "appliance KA-11.2",
)
CLAUSES = (
    PrintedClause(
        WARRANTY, "整机保修一年，吸油烟机电机三年，电热水器内胆五年，自购买之日起算；更换的配件保修三个月。"
    ),
    PrintedClause(LABOUR, "按公司规定的收费标准收费，不得乱收费。"),
    PrintedClause(
        RATE,
        "当月保修期内的《产品维修记录单》于次月10日前寄达并邮件发送电子版；逾期按90%、70%、50%结算；只寄单不发邮件的不予结算。",
    ),
    PrintedClause(
        CALLBACK,
        "无效单不计维修费并扣罚10元/份；维修不及时造成投诉经查实扣罚30元/次；未改正扣罚50元/次；乱收费扣罚50元/次并退还多收部分；伪造按所发生费用的十倍罚款。",
    ),
)
FORM = ControlledForm(
    "SB-QR-07",
    "A/0",
    date(2026, 1, 1),
    Signature("李娜", date(2026, 5, 12)),
    Signature("王强", date(2026, 5, 13)),
    Signature(),
)


def in_english(sentence_zh: str, sentence_en: str, language: str) -> str:
    return sentence_en if language == "en" else sentence_zh


def sheet(number: int, outcome: str, language: str) -> SheetLine:
    day = date(2026, 4, 1) + timedelta(days=number % 29)
    why = {
        "paid": Why(
            in_english(
                "保修期内（整机，至2027-04-03）", "in warranty (whole appliance, to 2027-04-03)", language
            ),
            (WARRANTY,),
        ),
        "void": Why(
            in_english(
                "缺少：联系电话、机身编码，按无效单处理",
                "void: telephone and serial number are missing",
                language,
            ),
            (CALLBACK,),
        ),
        "forged": Why(
            in_english(
                "回访查实伪造：十倍罚款 (60.00+56.00)×10",
                "forged, proven by callback: tenfold (60.00+56.00)×10",
                language,
            ),
            (CALLBACK,),
        ),
        "out_of_warranty": Why(
            in_english(
                "报修日2026-04-06已过保修期（至2026-04-03）",
                "reported 2026-04-06, covered to 2026-04-03",
                language,
            ),
            (WARRANTY,),
        ),
    }[outcome]
    more = (
        Why(in_english("吸油烟机换件 60.00元", "hood, part replaced: 60.00", language), (LABOUR,)),
        Why(in_english("单程48公里：(48−20)×2元", "48 km one way: (48−20)×2", language), (LABOUR,)),
    )
    return SheetLine(
        number=f"GZ001-2604-{number:04d}",
        customer="欧阳小明" if number % 7 else "王芳",
        phone=f"138{number:08d}" if number % 5 else "020-8123456",
        model="CXW-260-A8",
        serial=f"A8{2604000000 + number}",
        completed_on=None if outcome == "void" else day,
        work="replace",
        km=Decimal("48"),
        labour=0 if outcome == "void" else 6000,
        travel=0 if outcome == "void" else 5600,
        outcome=outcome,
        why=(why, *more) if outcome == "paid" else (why,),
    )


def statement(
    paid: int = 40, *, void: int = 3, forged: int = 2, out: int = 3, language: str = "zh", **changed
) -> StatementPrint:
    """A month that adds up, with every kind of line."""
    outcomes = ["paid"] * paid + ["void"] * void + ["forged"] * forged + ["out_of_warranty"] * out
    lines = tuple(sheet(number, outcome, language) for number, outcome in enumerate(outcomes, 1))
    deductions = (
        *(
            DeductionLine(line.number, "void_sheet", 1000, CALLBACK)
            for line in lines
            if line.outcome == "void"
        ),
        *(
            DeductionLine(line.number, "forged", 116000, CALLBACK, "用户称没有人上门")
            for line in lines
            if line.outcome == "forged"
        ),
        DeductionLine(lines[0].number, "late_service", 3000, CALLBACK, "用户投诉，核实属实"),
        DeductionLine(lines[-1].number, "overcharge", 5000, CALLBACK, "保内收费80元"),
    )
    deducted = sum(line.amount for line in deductions)
    gross = paid * 11600
    net = gross - deducted
    month = StatementPrint(
        company="三宝厨卫电器股份有限公司",
        hotline="400-800-3000",
        outlet_code="GZ001",
        outlet_name="GZ001服务网点",
        region="华东",
        month=date(2026, 4, 1),
        number="JS-2604-GZ001-1",
        state="draft",
        form=FORM,
        paper_on=date(2026, 5, 11),
        electronic_on=date(2026, 5, 11),
        arrived_on=date(2026, 5, 11),
        rate=Decimal("1.0000"),
        rate_why=Why(
            in_english(
                "5月10日为星期日，截止日顺延至5月11日；5月11日到达，按期，按100%结算",
                "10 May is a Sunday, so due on 11 May; arrived 11 May, in time: settled at 100%",
                language,
            ),
            (RATE,),
        ),
        counts=Counts(
            records=len(lines), paid=paid, void=void, forged=forged, out_of_warranty=out, duplicates=1
        ),
        totals=Totals(
            labour=paid * 6000,
            travel=paid * 5600,
            gross=gross,
            reduced=gross,
            deducted=deducted,
            net=net,
            refund=8000,
            payable=max(net, 0),
            carried_forward=max(-net, 0),
        ),
        lines=lines,
        deductions=deductions,
        refunds=(RefundLine(lines[-1].number, "欧阳小明", 8000, CALLBACK, "保内收费80元"),),
        clauses=CLAUSES,
        editions=(
            PrintedEdition("settlement", "2026.1", "3f9ac2e1b7d04455"),
            PrintedEdition("warranty", "2026.1", "a91b33c07f1e2d44"),
        ),
        labour_clauses=(LABOUR,),
        travel_clauses=(LABOUR,),
        printed_at=datetime(2026, 5, 12, 1, 30, tzinfo=ZoneInfo("UTC")),
        printed_by="李娜",
    )
    return replace(month, **changed)
