"""Suggestions over many articles: `PYTHONPATH=src SANBAO_DATABASE=… python benchmarks/knowledge.py [articles]`. JSON with machine and date.

A company is made inside a transaction that is rolled back. Titles and questions are made of kitchen words, so that pairs are as common as in a
maker's own articles: "燃气" stands in a third of them.
"""

import json
import os
import platform
import random
import statistics
import sys
import time
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")
django.setup()

from django.db import connection, transaction
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company, Person
from sanbao.edge.search import grams
from sanbao.knowledge.models import Article, Gram
from sanbao.knowledge.queries import suggest

TARGET = 20.0  # ms
PRODUCTS = ("燃气灶", "燃气热水器", "电热水器", "吸油烟机", "消毒柜", "集成灶", "净水器", "洗碗机")
FAULTS = (
    "打不着火", "火焰发红", "漏水", "漏电", "噪音大", "不通电", "不加热", "水忽冷忽热", "自动熄火", "有异味", "按键失灵", "显示故障码", "出水小",
    "吸力不足", "灯不亮", "门关不严", "跳闸", "点火慢", "不排水", "面板松动",
)  # fmt: skip
MORE = (
    "怎么办",
    "的检查步骤",
    "常见原因",
    "是什么问题",
    "使用注意事项",
    "如何清洁",
    "需要更换配件吗",
    "保修期内如何处理",
)
RARE = "阀芯皮膜胆座卡扣垫圈旋钮风轮蜗壳电容探针变压热偶镁棒滤网密封插头喷嘴火盖支架铰链"
QUESTIONS = (
    "我家燃气灶打不着火，只有啪啪的声音，换过电池还是不行", "油烟机噪音特别大，还有异味", "热水器显示故障码E2，水忽冷忽热", "洗碗机不排水怎么办",
    "消毒柜门关不严，灯也不亮", "热水器镁棒要换吗", "灶具火焰发红熏黑锅底", "净水器出水小漏水",
)  # fmt: skip


def fill(company: Company, count: int) -> None:
    choose, now, common = random.Random(7), timezone.now(), {"": count}
    for start in range(0, count, 5000):
        rows = []
        for number in range(start, min(start + 5000, count)):
            title = f"{choose.choice(PRODUCTS)}{choose.choice(FAULTS)}{choose.choice(MORE)}"
            question = "".join(
                choose.choice(PRODUCTS) + choose.choice(FAULTS) + choose.choice("，。") for _ in range(3)
            )
            question += "".join(choose.sample(RARE, 6))
            brief = f"{title}\n{question}"
            pairs = grams(brief)
            for pair in pairs:
                common[pair] = common.get(pair, 0) + 1
            rows.append(
                Article(
                    company=company,
                    number=f"Z{number}",
                    standing="published",
                    kind="solution",
                    title=title,
                    brief=brief,
                    words=brief,
                    pairs=pairs,
                    changed_at=now,
                    helped=choose.randrange(40),
                    failed=choose.randrange(10),
                )
            )
        Article.objects.bulk_create(rows)
    Gram.objects.bulk_create(Gram(company=company, gram=pair, articles=n) for pair, n in common.items())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_article")


def milliseconds(access: Access) -> tuple[float, float]:
    """Median and worst of forty questions in the reader's own scope, as a page asks them."""
    found = []
    with scope.opened(access):
        for _ in range(5):
            for words in QUESTIONS:
                begin = time.perf_counter()
                assert suggest(access, words)
                found.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(found), 1), round(sorted(found)[-3], 1)


def measure(count: int) -> dict[str, object]:
    try:
        with scope.everything("a benchmark"), transaction.atomic():
            company = Company.objects.create(code="bench-knowledge", name="bench", short_name="bench")
            person = Person.objects.create_person("bench-knowledge", "bench")
            fill(company, count)
            median, slowest = milliseconds(Access(person.pk, company.pk, (Grant("auditor"),)))
            raise InterruptedError
    except InterruptedError:
        return {
            "articles": count,
            "suggestion, median (ms)": median,
            "suggestion, 95 % (ms)": slowest,
            "target (ms)": TARGET,
        }


if __name__ == "__main__":
    machine = {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    for size in map(int, sys.argv[1:] or ["1000", "100000"]):
        print(json.dumps(machine | measure(size), ensure_ascii=False, indent=1))
