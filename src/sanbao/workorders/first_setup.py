"""The fault tree and check lists a company begins with; it changes them as it likes. In the company's own words, after common practice."""

# category -> (code, Chinese, English, [(code, Chinese, English, cause, cure, component, minutes)])
FAULTS = (
    ("吸油烟机", (
        ("H1", "异响、振动", "Noise, vibration", (
            ("H11", "电机轴承磨损", "Worn motor bearing", "电机轴承磨损", "更换电机", "电机", 60),
            ("H12", "叶轮松动、积油", "Loose or greasy fan wheel", "叶轮松动或积油失衡", "清洗紧固或更换叶轮", "叶轮", 45),
        )),
        ("H2", "吸力不足", "Weak suction", (
            ("H21", "止回阀卡滞", "Stuck check valve", "止回阀卡滞", "清理止回阀", "", 30),
            ("H22", "风道堵塞", "Blocked duct", "风道、油网积油堵塞", "清洗风道和油网", "", 40),
        )),
        ("H3", "按键、显示故障", "Keys or display", (
            ("H31", "电路板受潮", "Damp circuit board", "电路板受潮或损坏", "更换电路板", "电路板", 40),
        )),
    )),
    ("燃气灶", (
        ("G1", "打不着火", "Does not ignite", (
            ("G11", "脉冲点火器失效", "Failed igniter", "脉冲点火器失效", "更换脉冲点火器", "点火器", 30),
            ("G12", "电池、点火针问题", "Battery or electrode", "电池电量不足或点火针积碳", "更换电池，擦净点火针", "", 15),
        )),
        ("G2", "松手熄火", "Goes out when released", (
            ("G21", "热电偶失效", "Failed thermocouple", "热电偶失效", "更换热电偶", "热电偶", 30),
        )),
        ("G3", "燃气泄漏", "Gas leak", (
            ("G31", "软管、接头老化", "Aged hose or joint", "软管或接头老化", "更换软管并检漏", "", 40),
            ("G32", "阀体泄漏", "Leaking valve", "阀体密封失效", "更换阀体总成并检漏", "阀体", 60),
        )),
    )),
    ("燃气热水器", (
        ("W1", "不出热水", "No hot water", (
            ("W11", "水量传感器失效", "Failed flow sensor", "水量传感器失效", "更换水量传感器", "传感器", 45),
            ("W12", "风机不转", "Fan does not run", "直流风机损坏", "更换风机", "风机", 60),
        )),
    )),
    ("电热水器", (
        ("E1", "不加热", "Does not heat", (
            ("E11", "加热管损坏", "Failed heating element", "加热管损坏", "更换加热管，测绝缘", "加热管", 60),
        )),
        ("E2", "漏水", "Leaks", (
            ("E21", "内胆渗漏", "Leaking tank", "内胆腐蚀渗漏", "更换内胆", "内胆", 90),
            ("E22", "镁棒接口渗水", "Seeping anode joint", "镁棒接口密封老化", "更换镁棒和密封圈", "镁棒", 40),
        )),
    )),
    ("消毒柜", (
        ("D1", "不消毒", "Does not disinfect", (
            ("D11", "紫外线灯管失效", "Failed UV lamp", "紫外线灯管到寿命", "更换灯管", "灯管", 20),
        )),
    )),
)  # fmt: skip

# (kind, category, Chinese, English, answer)
CHECKS = (
    ("repair", "", "通电试机，各挡运行正常", "Switched on, every setting works", "yes"),
    ("repair", "", "无漏电、漏水、漏气", "No leakage of current, water or gas", "yes"),
    ("repair", "", "现场已清理，旧件已交代", "Place cleaned, old parts settled", "yes"),
    ("repair", "燃气灶", "气密性检查合格", "Tightness test passed", "yes"),
    ("repair", "燃气热水器", "气密性检查合格", "Tightness test passed", "yes"),
    ("repair", "电热水器", "绝缘电阻（MΩ）", "Insulation resistance (MΩ)", "number"),
    ("replacement", "", "换件后试机正常", "Runs after the replacement", "yes"),
    ("installation", "", "配件清点齐全，安装牢固", "Parts complete, firmly mounted", "yes"),
    ("maintenance", "", "清洗后运行正常", "Works after cleaning", "yes"),
)  # fmt: skip
