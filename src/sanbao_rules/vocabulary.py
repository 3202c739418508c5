"""The reasons the rules give: for each book, each reason's code and the arguments its sentence may use."""

FORMATS = ("", "date", "month", "yuan", "rate", "number", "name", "names", "time")

_WARRANTY = ("asked", "last", "cover", "purchased", "start", "years")
_ARRIVAL = ("month", "received", "due", "rate", "days", "step")

_KEPT = ("record", "since", "period", "last", "free")

VOCABULARY: dict[str, dict[str, tuple[str, ...]]] = {
    "calendar": {
        "worktime": ("start", "hours", "due", "opening", "closing"),
        "workdays": ("start", "days", "last"),
        "holiday": ("name", "first", "last"),
        "make_up_workdays": ("days",),
        "provisional": ("year",),
    },
    "warranty": {
        "from_purchase": ("start",),
        "from_latest": ("start", "basis", "purchased"),
        "covered": ("cover", "years", "start", "last"),
        "covered_to_the_end": ("cover", "last"),
        "repair_days": ("days", "last"),
        "replaced_part": ("replaced", "months", "last"),
        "replaced_part_longer": ("replaced", "months", "own", "last"),
        "part_only": ("cover", "last", "labour_last"),
        "in_warranty": _WARRANTY,
        "out_of_warranty": _WARRANTY,
    },
    "retention": {
        "kept_years": _KEPT,
        "kept_months": _KEPT,
        "kept_days": _KEPT,
    },
    "charges": {
        "labour": ("amount", "category", "work"),
        "travel": ("amount", "km", "free", "over", "price"),
        "no_travel": ("km", "free"),
        "price_cap": ("price", "markup", "cap"),
        "price_jump": ("price", "below", "cap"),
        "unknown_category": ("category",),
        "unknown_work": ("category", "work"),
    },
    "settlement": {
        "in_time": _ARRIVAL,
        "late": _ARRIVAL,
        "late_15": _ARRIVAL,
        "between": _ARRIVAL,
        "cross_month": _ARRIVAL,
        "waiting_paper": ("month", "electronic"),
        "no_electronic": ("month", "paper"),
        "nothing_received": ("month",),
        "due_rolled": ("nominal", "due"),
        "provisional": ("year",),
        "void_sheet": ("amount", "fields"),
        "forged": ("amount", "base", "multiple"),
        "forged_fee_kept": ("fee",),
        "late_service": ("amount",),
        "unimproved": ("amount",),
        "overcharge": ("amount",),
        "refund": ("refund",),
        "heaviest_only": ("amount", "dropped"),
        "no_deduction": ("finding",),
        "claimed_out": (),
        "completion_stands_in": (),
        "unknown_category": ("category",),
        "unknown_work": ("category", "work"),
        "no_purchase_date": (),
        "no_report_date": (),
        "bought_after_report": ("purchased", "asked"),
        "before_the_rules": ("purchased",),
        "bad_distance": ("km",),
        "gross": ("records", "paid", "labour", "travel", "gross"),
        "reduced": ("gross", "rate", "reduced"),
        "deducted": ("kind", "count", "amount"),
        "refunds": ("refund",),
        "net": ("reduced", "deducted", "net"),
        "debt": ("reduced", "deducted", "net"),
        "blocked": ("count",),
    },
}
