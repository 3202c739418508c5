"""The controlled forms of a work order: filled in, blank, masked, long, hostile (RW-8, SC-2 to SC-4, RP-3, KA-4.2, KA-5.2, OP-2)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image

from sanbao.ui import printing
from sanbao.ui.printing import CannotPrint
from sanbao.workorders.prints import common
from sanbao.workorders.prints.agreement import Agreement, agreement_pdf, terms_said
from sanbao.workorders.prints.common import Charge, Customer, DoesNotAddUp, Signed, signature_png, slot
from sanbao.workorders.prints.dispatch_order import DispatchOrder, Step, dispatch_order_pdf
from sanbao.workorders.prints.quotation import Quotation, quotation_pdf
from sanbao.workorders.prints.receipt import Receipt, receipt_pdf
from sanbao.workorders.prints.record_sheet import Check, ServiceRecord, record_pdf
from sanbao.workorders.prints.refusal import Finding, Refusal, declaration_pdf, refusal_pdf
from sanbao.workorders.prints.training_record import StepDone, Training, training_pdf
from tests.modules.ui.test_printing import chinese_font, keys_of, text_of  # noqa: F401
from tests.modules.workorders.printed_orders import (
    AGREEMENT,
    CHARGES,
    FRAME,
    INSTALLATION,
    ORDER,
    QUOTATION,
    RECEIPT,
    RECORD,
    REFUSAL,
    TERMS,
    TRAINING,
    at,
    signature,
)

OPEN = replace(FRAME, unmasked=True)
EMPTY = replace(FRAME, link="", printed_at=None, printed_by="")
# Each form: its controlled number, its printer, one filled in, a blank one, its title in Chinese and English.
FORMS = {
    "dispatch order": ("SB-WX-01", dispatch_order_pdf, ORDER, DispatchOrder(), "派工单", "Dispatchorder"),
    "agreement": ("SB-WX-02", agreement_pdf, AGREEMENT, Agreement(TERMS), "维修协议", "Repairagreement"),
    "repair record": ("SB-WX-03", record_pdf, RECORD, ServiceRecord(), "维修服务记录单", "Repairservicerecord"),
    "installation record": (
        "SB-WX-04", record_pdf, INSTALLATION, ServiceRecord(kind="installation"), "安装服务记录单", "Installationservicerecord",
    ),
    "quotation": ("SB-WX-05", quotation_pdf, QUOTATION, Quotation(), "维修报价单", "Quotation"),
    "receipt": ("SB-WX-06", receipt_pdf, RECEIPT, Receipt(), "收款收据", "Receipt"),
    "training record": ("SB-WX-07", training_pdf, TRAINING, Training(), "培训记录", "Trainingrecord"),
    "refusal": ("SB-WX-08", refusal_pdf, REFUSAL, Refusal(), "拒装单", "Refusaltoinstall"),
    "declaration": (
        "SB-WX-09", declaration_pdf, REFUSAL, Refusal(), "安装现场不合格用户声明", "Declarationonanunsuitablesite",
    ),
}  # fmt: skip
TEMPLATES = (
    "dispatch-order", "repair-agreement", "service-record", "quotation", "receipt", "training-record", "refusal",
)  # fmt: skip
every_form = pytest.mark.parametrize("name", FORMS)


@every_form
def test_every_form_is_controlled_on_every_page_and_shows_the_hotline_rw_8_ka_5_2(name, tmp_path):
    number, printer, full, _, title, _ = FORMS[name]
    pages = text_of(printer(full, FRAME, "zh"), tmp_path).split("\f")[:-1]
    for at_page, page in enumerate(pages, 1):
        for said in (
            title, f"编号：{number}", "版本：A/0", "发行日期：2026-12-01", f"第{at_page}页共{len(pages)}页",
            "编制：李娜2026-12-02", "审核：王强2026-12-02", "批准：", "全国服务热线：400-800-3000",
            "打印时间：2026-12-0308:00", "打印人：李娜7f3a9c",
        ):  # fmt: skip
            assert said in page


@every_form
def test_every_form_speaks_english_too(name, tmp_path):
    number, printer, full, _, _, title = FORMS[name]
    text = text_of(printer(full, FRAME, "en"), tmp_path)
    assert title in text
    assert f"Form:{number}" in text
    assert "Page1of" in text


@every_form
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_form_can_be_printed_blank_to_be_filled_in_by_hand(name, language, tmp_path):
    number, printer, _, blank, _, _ = FORMS[name]
    text = text_of(printer(blank, EMPTY, language), tmp_path)
    assert number in text
    assert ("签字：" if language == "zh" else "Signed:") in text
    for made_up in ("None", "0.00", "零元整", "脱敏", "masked"):
        assert made_up not in text


@every_form
def test_customers_are_masked_unless_asked_otherwise_gn_8(name, tmp_path):
    _, printer, full, _, _, _ = FORMS[name]
    masked = text_of(printer(full, FRAME, "zh"), tmp_path)
    for secret in ("欧阳小明", "13800000001", "13700000001", "体育西路"):
        assert secret not in masked
    assert "用户信息已脱敏" in masked
    shown = text_of(printer(full, OPEN, "zh"), tmp_path)
    assert "欧阳小明" in shown
    assert "脱敏" not in shown


def test_a_masked_form_leaves_the_customer_s_handwriting_out():
    signed = Signed("欧阳小明", at(3, 10), signature())
    assert common.customer_signed(signed, FRAME)["picture"] == []
    assert len(common.customer_signed(signed, OPEN)["picture"]) > 100


@every_form
def test_the_same_data_give_the_same_bytes(name):
    _, printer, full, _, _, _ = FORMS[name]
    assert printer(full, FRAME, "zh") == printer(full, FRAME, "zh")


def test_both_languages_of_every_form_have_the_same_words():
    for template in (*TEMPLATES, common.WORDS):
        chinese, english = printing.words(template, "zh"), printing.words(template, "en")
        assert keys_of(chinese) == keys_of(english)
        for name, value in chinese.items():
            if isinstance(value, list):
                assert len(value) == len(english[name])


def test_no_form_s_own_word_takes_the_place_of_a_shared_one():
    shared = set(printing.words(common.WORDS, "zh"))
    for template in TEMPLATES:
        assert not shared & set(printing.words(template, "zh")), template


def test_the_dispatch_order_names_engineers_certificates_steps_and_the_appointment(tmp_path):
    """SC-2: seven steps with instructions; CO-2."""
    text = text_of(dispatch_order_pdf(ORDER, OPEN, "zh"), tmp_path)
    for said in (
        "2026-12-0309:00–11:00", "YR-4401-2024-00731", "2027-08-31", "张师傅", "陈师傅", "上门诊断，拟定方案",
        "未签字不施工", "回访与满意度调查", "打不着火", "保修至2026-04-06", "扫码查看工单",
    ):  # fmt: skip
        assert said in text


def test_the_owner_signs_the_dispatch_order_for_the_old_parts_op_2(tmp_path):
    text = text_of(dispatch_order_pdf(ORDER, OPEN, "zh"), tmp_path)
    assert "用户签收旧件" in text
    assert "旧件保管员签收" in text
    assert "清洁包装后交用户" in text
    assert "机油滤、空气滤、燃油滤、皮带、雨刮片除外" in text.replace("\n", "")


def test_the_agreement_says_content_method_steps_material_and_time_rp_3(tmp_path):
    text = text_of(agreement_pdf(AGREEMENT, OPEN, "zh"), tmp_path)
    for said in (
        "更换脉冲点火器及密封圈", "拆机换件", "1.关闭气阀", "MC-JSQ25-02", "预计用时1.5小时", "完成不迟于2026-12-0311:00",
        "方案版本2", "乙方对本次更换的点火器另承诺保修一年",
    ):  # fmt: skip
        assert said in text


def test_the_price_is_split_into_what_the_company_bears_and_what_the_customer_pays(tmp_path):
    """KA-4.3, KA-5.1: the part replaced in warranty costs the customer nothing."""
    text = text_of(agreement_pdf(AGREEMENT, OPEN, "zh"), tmp_path)
    assert "合计45.00250.40" in text
    assert "人民币贰佰伍拾元零肆角" in text
    assert "最高限价89.60" in text  # KA-6.2


def test_the_terms_take_their_figures_from_the_rulebook_ka_6_2_ka_5_1():
    terms = replace(TERMS, cap_threshold=20050, markup_from_threshold=Decimal("0.35"), replaced_part_months=6)
    said = "".join(terms_said(Agreement(terms), FRAME, "zh"))
    assert "供货价在 200.50 元及以上的，加价不超过 35%" in said
    assert "加价不超过 60%" in said
    assert "保修 6 个月" in said
    assert "100%" not in said


def test_terms_and_signatures_of_an_agreement_stand_on_one_page(tmp_path):
    pages = text_of(agreement_pdf(AGREEMENT, OPEN, "zh"), tmp_path).split("\f")
    (page,) = [page for page in pages if "甲方（用户）签字" in page]
    assert "三、双方约定" in page


def test_the_repair_record_says_what_was_found_done_used_and_accepted(tmp_path):
    text = text_of(record_pdf(RECORD, OPEN, "zh"), tmp_path)
    for said in (
        "E1", "脉冲点火器老化", "检漏合格", "MC2501000007", "MC2611000231", "恢复正常使用2026-12-0310:40", "微信支付",
        "检验人黄工", "每年清洗一次进水滤网", "师傅准时", "单程公里48", "照片4张",
    ):  # fmt: skip
        assert said in text


def test_the_installation_record_keeps_what_a_gas_appliance_needs_ka_4_2(tmp_path):
    text = text_of(record_pdf(INSTALLATION, OPEN, "zh"), tmp_path)
    for said in (
        "现场气源天然气12T", "厨房外墙", "有外窗，常开", "强排", "不锈钢波纹管1.2m", "灶前自闭阀", "漏电0.1mA", "无压降",
        "一氧化碳读数0.010%", "连续10分钟正常", "已讲解", "YR-4401-2024-00731", "拒装", "使用方法已讲解",
    ):  # fmt: skip
        assert said in text


def test_the_quotation_is_itemised_and_says_that_it_comes_before_payment(tmp_path):
    text = text_of(quotation_pdf(QUOTATION, OPEN, "zh"), tmp_path)
    for said in (
        "检测费",
        "工时费",
        "配件",
        "远程费",
        "89.60",
        "本报价单在付款之前出示",
        "清单以外的项目不收费",
        "报价有效期至2026-12-10",
    ):
        assert said in text


def test_the_receipt_says_the_amount_in_capitals_and_that_it_is_no_invoice(tmp_path):
    text = text_of(receipt_pdf(RECEIPT, OPEN, "zh"), tmp_path)
    assert "￥250.40" in text
    assert "人民币贰佰伍拾元零肆角" in text
    assert "不是发票" in text
    assert "也不使任何已签的协议或记录失效" in text
    english = text_of(receipt_pdf(RECEIPT, OPEN, "en"), tmp_path)
    assert "Itisnotaninvoice" in english
    assert "人民币贰佰伍拾元零肆角" in english


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (140950, "人民币壹仟肆佰零玖元伍角"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (10700053, "人民币壹拾万柒仟元零伍角叁分"),
        (1000000, "人民币壹万元整"),
        (5, "人民币伍分"),
        (0, "人民币零元整"),
    ],
)
def test_a_receipt_s_capitals_follow_the_payment_rules(fen, said, tmp_path):
    receipt = replace(RECEIPT, charges=(), amount=fen)
    assert f"实收（大写）{said}" in text_of(receipt_pdf(receipt, OPEN, "zh"), tmp_path)


def test_a_receipt_whose_lines_do_not_come_to_its_amount_is_not_printed():
    for wrong in (replace(RECEIPT, amount=25041), replace(RECEIPT, charges=(), amount=-1)):
        with pytest.raises(DoesNotAddUp, match="SJ-2612-000009"):
            receipt_pdf(wrong, FRAME, "zh")


def test_a_line_that_is_not_its_quantity_times_its_price_is_not_printed():
    wrong = replace(CHARGES[3], amount=481)
    for printer, form in ((quotation_pdf, QUOTATION), (agreement_pdf, AGREEMENT), (record_pdf, RECORD)):
        with pytest.raises(DoesNotAddUp, match="密封圈"):
            printer(replace(form, charges=(*CHARGES[:3], wrong)), FRAME, "zh")


def test_the_training_record_goes_through_six_steps_with_questions_and_answers_sc_3(tmp_path):
    text = text_of(training_pdf(TRAINING, OPEN, "zh"), tmp_path)
    for said in (
        "受理培训申请", "确定内容与时间，安排培训师", "实施培训，发放资料", "收集问题", "解答问题", "总结培训，记录客户反馈",
        "闻到燃气味第一步做什么", "关总阀", "全员掌握", "每半年复训一次", "学员6", "应急处置卡12张",
    ):  # fmt: skip
        assert said in text.replace("\n", "")


def test_a_training_has_no_seventh_step():
    with pytest.raises(ValueError, match="SC-3"):
        training_pdf(replace(TRAINING, steps=(StepDone(),) * 7), FRAME, "zh")


def test_a_gas_hazard_is_refused_and_the_declaration_is_evidence_not_a_permit_a_41(tmp_path):
    refusal = text_of(refusal_pdf(REFUSAL, OPEN, "zh"), tmp_path).replace("\n", "")
    assert "拒绝安装" in refusal
    assert "用户书面声明也不能改变本决定" in refusal
    declaration = text_of(declaration_pdf(REFUSAL, OPEN, "zh"), tmp_path).replace("\n", "")
    assert "不是安装许可，不得据此安装" in declaration
    assert "任何声明都不能免除造成人身损害的责任" in declaration
    assert "第五百零六条" in declaration
    assert "仍要求按现场条件安装" not in declaration
    assert "主管批准" not in declaration


def test_what_is_no_hard_stop_may_be_installed_on_a_declaration_a_supervisor_approves(tmp_path):
    """KA-4.2; the warning that a waiver removes no liability stands there all the same."""
    mild = replace(REFUSAL, hazard="other")
    declaration = text_of(declaration_pdf(mild, OPEN, "zh"), tmp_path).replace("\n", "")
    assert "仍要求按现场条件安装" in declaration
    assert "主管批准" in declaration
    assert "任何声明都不能免除造成人身损害的责任" in declaration
    assert "不是安装许可" not in declaration


def test_a_refusal_that_does_not_say_how_dangerous_the_site_is_is_not_printed():
    for printer in (refusal_pdf, declaration_pdf):
        with pytest.raises(ValueError, match="A-41"):
            printer(replace(REFUSAL, hazard=""), FRAME, "zh")


def test_the_signature_is_cropped_to_its_ink_and_drawn_black_on_white():
    with Image.open(BytesIO(signature_png(signature()))) as drawn:
        assert drawn.mode == "L"
        assert drawn.width < 900
        assert drawn.height < 300
        assert drawn.getextrema() == (drawn.getextrema()[0], 255)
        assert drawn.getextrema()[0] < 60


def test_a_signature_is_embedded_at_its_place_and_an_empty_canvas_does_not_break_the_form():
    without = replace(QUOTATION, customer_signed=Signed(), engineer_signed=Signed())
    with_signature = replace(without, customer_signed=Signed("欧阳小明", at(3, 10), signature()))
    assert quotation_pdf(with_signature, OPEN, "zh").count(b"/Subtype/Image") > quotation_pdf(
        without, OPEN, "zh"
    ).count(b"/Subtype/Image")
    empty = BytesIO()
    Image.new("RGBA", (300, 100), (0, 0, 0, 0)).save(empty, "PNG")
    assert quotation_pdf(
        replace(without, customer_signed=Signed("x", at(3, 10), empty.getvalue())), OPEN, "zh"
    )


@pytest.mark.parametrize(
    "picture",
    [
        b"GIF89a" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        signature()[:200],
        signature() + b"\0" * (3 * 2**20),
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
    ],
    ids=["gif", "svg", "cut off", "too large", "nothing but a head"],
)
def test_what_is_no_sane_png_is_refused_with_a_sentence(picture):
    with pytest.raises(CannotPrint, match="重新采集签名") as refused:
        quotation_pdf(replace(QUOTATION, customer_signed=Signed("x", at(3, 10), picture)), OPEN, "zh")
    assert refused.value.code == "unreadable_signature"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded():
    bomb = BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    with pytest.raises(CannotPrint):
        signature_png(bomb.getvalue())


HOSTILE = '#panic("x") *bold* $x$ @ref <b> \\ "quoted" {threshold} {hotline} \x00\x1b\ud800'


@every_form
def test_hostile_texts_are_printed_as_they_are(name, tmp_path):
    _, printer, full, _, _, _ = FORMS[name]
    hostile = replace(full, **dict.fromkeys(TEXTS[name], HOSTILE))
    if name == "agreement":
        hostile = replace(hostile, own_terms=(HOSTILE,))
    text = text_of(printer(hostile, replace(OPEN, company=HOSTILE, mark=HOSTILE), "zh"), tmp_path)
    assert '#panic("x")' in text


TEXTS = {
    "dispatch order": ("fault", "access", "caution", "outlet"),
    "agreement": ("fault", "diagnosis", "outlet"),
    "repair record": ("fault", "action", "cause", "opinion", "service"),
    "installation record": ("action", "opinion", "customer_part"),
    "quotation": ("fault", "diagnosis", "answer_note"),
    "receipt": ("purpose", "payer", "method"),
    "training record": ("content", "summary", "feedback", "place"),
    "refusal": ("danger", "measures"),
    "declaration": ("danger", "measures", "own_words"),
}


@every_form
@pytest.mark.parametrize("language", ["zh", "en"])
def test_texts_longer_than_a_page_break_and_lose_nothing(name, language, tmp_path):
    _, printer, full, _, _, _ = FORMS[name]
    sentences = "".join(f"设备{number:03d}反复熄火。" for number in range(400))
    long = replace(full, **{TEXTS[name][-2]: sentences})
    text = text_of(printer(long, OPEN, language), tmp_path).replace("\n", "")
    # A line may end within a number, but not within all of them that say the same.
    assert sum(f"{number:03d}反" in text for number in range(400)) > 380
    assert "399反复熄火。" in text


@every_form
def test_names_of_sixty_characters_codes_without_blanks_and_rare_characters_fit(name):
    _, printer, full, _, _, _ = FORMS[name]
    changes = {}
    if hasattr(full, "customer"):
        changes["customer"] = Customer("欧阳𬭚𠮷㛃" * 15, "1" * 60, "楼" * 300)
    if hasattr(full, "unit"):
        changes["unit"] = replace(full.unit, model="X" * 60, serial="S" * 80, category="类" * 60)
    if hasattr(full, "number"):
        changes["number"] = "N" * 60
    wide = replace(full, **changes)
    assert printer(wide, replace(OPEN, company="有限责任公司" * 12), "zh").startswith(b"%PDF-")


def test_two_hundred_lines_repeat_their_heading_on_every_page(tmp_path):
    many = tuple(Charge("part", f"配件{number}", 100, 100, code=f"PJ{number:04d}") for number in range(200))
    pages = text_of(quotation_pdf(replace(QUOTATION, charges=many), OPEN, "zh"), tmp_path).split("\f")[:-1]
    with_lines = [page for page in pages if "PJ0" in page]
    assert len(with_lines) > 3
    assert all("单价（元）" in page for page in with_lines)
    assert sum(page.count("PJ0") for page in pages) == 200
    assert "200.00" in pages[-1] + pages[-2]


def test_two_hundred_steps_checks_findings_and_attendees_are_printed_whole(tmp_path):
    steps = tuple(Step(f"步骤{number:03d}号", "要求" * 20) for number in range(200))
    text = text_of(dispatch_order_pdf(replace(ORDER, steps=steps), OPEN, "zh"), tmp_path)
    assert all(f"步骤{number:03d}号" in text for number in range(200))
    checks = tuple(Check(f"项{number:03d}", "要求", "值", "pass") for number in range(200))
    text = text_of(record_pdf(replace(INSTALLATION, checks=checks), OPEN, "zh"), tmp_path)
    assert all(f"项{number:03d}" in text for number in range(200))
    findings = tuple(Finding(f"项{number:03d}", "情况" * 30) for number in range(200))
    text = text_of(refusal_pdf(replace(REFUSAL, findings=findings), OPEN, "zh"), tmp_path)
    assert all(f"项{number:03d}" in text for number in range(200))
    attendees = TRAINING.attendees[:1] * 200
    text = text_of(training_pdf(replace(TRAINING, attendees=attendees), OPEN, "zh"), tmp_path)
    assert text.count("学员1") >= 200


def test_an_order_with_hardly_any_data_is_printed_too(tmp_path):
    text = text_of(dispatch_order_pdf(DispatchOrder(number="WX-1"), OPEN, "zh"), tmp_path)
    assert "WX-1" in text
    assert record_pdf(ServiceRecord(number="WX-1"), OPEN, "en").startswith(b"%PDF-")
    assert agreement_pdf(Agreement(TERMS, number="WX-1"), OPEN, "en").startswith(b"%PDF-")
    assert refusal_pdf(Refusal(order="WX-1", hazard="hard_stop"), OPEN, "zh").startswith(b"%PDF-")


def test_the_code_leads_to_the_order_and_is_drawn_without_an_outside_file():
    drawn = common.code_of("https://service.example.cn/w/WX-1?a=<b>&c=\"'")
    assert drawn.startswith("<svg")
    assert "example" not in drawn
    assert common.code_of("") == ""


def test_an_appointment_is_said_in_one_line():
    assert slot(at(3, 9), at(3, 11)) == "2026-12-03 09:00–11:00"
    assert slot(at(3, 22), at(4, 1)) == "2026-12-03 22:00–2026-12-04 01:00"
    assert slot(at(3, 9), None) == "2026-12-03 09:00"
    assert slot(None, None) == ""


def test_the_word_behind_a_form_is_the_caller_s():
    assert common.framed(replace(OPEN, mark="作废"), "SB-WX-06", "SJ-1")["mark"] == "作废"
    assert receipt_pdf(RECEIPT, replace(OPEN, mark="作废"), "zh") != receipt_pdf(RECEIPT, OPEN, "zh")


def test_every_form_s_number_stands_once():
    numbers = [form[0] for form in FORMS.values()]
    assert numbers == sorted(set(numbers))
    assert ("A/0", date(2026, 12, 1)) == (common.VERSION, common.ISSUED)
