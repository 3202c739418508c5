"""Settings of the desk benchmark's server: everything as it stands, but nobody is braked however often they ask (sanbao.edge.rates).

The tools of development bring two libraries that structlog and httpx load where they find them; requirements/run.txt has neither.
"""

import sys
from dataclasses import replace

sys.modules.update({"rich": None, "click": None})  # type: ignore[dict-item]

from sanbao.edge import rates
from sanbao.site.settings import *  # noqa: F403

rates.RATES.update({name: replace(rate, count=10**9) for name, rate in rates.RATES.items()})
