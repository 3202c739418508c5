"""The classes and teams a company begins with; it changes them as it likes."""

# (code, Chinese, English, kind, nature, [the same below it])
CLASSES = (
    ("repair", "报修", "Repair", "repair", "fault", (
        ("repair-start", "不启动、不点火", "Does not start or ignite"),
        ("repair-noise", "异响、振动", "Noise, vibration"),
        ("repair-suction", "吸力不足、排烟不畅", "Weak suction"),
        ("repair-heat", "不加热、水温异常", "Does not heat"),
        ("repair-leak", "漏水", "Leaks water"),
        ("repair-gas", "燃气异味", "Smell of gas"),
        ("repair-electric", "漏电、跳闸", "Electric leakage, trips the breaker"),
        ("repair-display", "显示、按键故障", "Display or keys"),
        ("repair-other", "其他故障", "Another fault"),
    )),
    ("installation", "安装", "Installation", "installation", "installation", (
        ("install-new", "新机安装", "New appliance"),
        ("install-move", "移机", "Moving an appliance"),
        ("install-gas", "改气源", "Change of gas"),
    )),
    ("exchange", "退换货", "Return or exchange", "exchange", "exchange", (
        ("exchange-return", "退货", "Return"),
        ("exchange-swap", "换货", "Exchange"),
    )),
    ("quality", "产品质量问题", "Quality of the product", "repair", "quality", ()),
    ("delivery", "交付问题", "Delivery", "delivery", "delivery", (
        ("delivery-late", "送货延迟", "Late"),
        ("delivery-damage", "运输损坏", "Damaged on the way"),
        ("delivery-wrong", "错发、漏发", "Wrong or missing goods"),
    )),
    ("service", "服务问题", "Service", "complaint", "service", ()),
    ("complaint", "投诉", "Complaint", "complaint", "complaint", ()),
    ("maintenance", "保养清洗", "Maintenance", "maintenance", "maintenance", ()),
    ("training", "用户培训", "Training of users", "training", "training", ()),
    ("advice", "咨询", "Advice", "advice", "advice", (
        ("advice-use", "使用方法", "How to use it"),
        ("advice-warranty", "保修政策", "Warranty"),
        ("advice-parts", "配件与耗材", "Parts and consumables"),
    )),
    ("other", "其他", "Something else", "other", "other", ()),
)  # fmt: skip

# (code, Chinese, what it is for, the classes it gets)
TEAMS = (
    (
        "hotline",
        "客户服务中心",
        "接听来电与留言，登记、答复、转派",
        ("advice", "service", "complaint", "other", "delivery"),
    ),
    ("support", "技术支持组", "解答技术问题，远程解决", ("repair", "quality", "training", "maintenance")),
    ("field", "上门服务组", "安排上门安装与维修", ("installation", "exchange")),
)
