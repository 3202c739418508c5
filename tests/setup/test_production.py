"""Settings for real work: complete they pass Django's own deploy check without a word; half configured nothing starts.

ASVS 13.2.3, 13.3.1, 13.4.2.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = {
    "SANBAO_ENV": "production",
    "SECRET_KEY": "a-key-of-this-test-" * 4,
    "ALLOWED_HOSTS": "sanbao.example",
    "HTTPS": "1",
}


def check(**changes: str) -> subprocess.CompletedProcess[str]:
    """`check --deploy --fail-level WARNING` in an environment of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SANBAO", "DJANGO", "DATABASE"))
    }
    environment = kept | {"PYTHONPATH": str(ROOT / "src")} | GOOD | changes
    return subprocess.run(
        [sys.executable, "-m", "sanbao", "check", "--deploy", "--fail-level", "WARNING"],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_production_settings_pass_the_deploy_check() -> None:
    found = check()

    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize(("changes", "said"), [
    ({"DEBUG": "1"}, "DEBUG must not be set"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY must be"),
    ({"SECRET_KEY": ""}, "SECRET_KEY must be"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
    ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name"),
    ({"HTTPS": "0"}, "HTTPS must be 1"),
    ({"SANBAO_DEMO": "1"}, "SANBAO_DEMO must not"),
    ({"SANBAO_SMS_STYLE": "pigeon"}, "SANBAO_SMS_STYLE must be"),
    ({"SANBAO_SMS_URL": "https://sms.example/"}, "SANBAO_SMS_URL needs SANBAO_SMS_KEY"),
    ({"SANBAO_SMS_URL": "http://sms.example/", "SANBAO_SMS_KEY": "k", "SANBAO_SMS_SECRET": "s"}, "must begin with https://"),
    ({"SANBAO_SMS_URL": "https://sms.example/", "SANBAO_SMS_KEY": "k", "SANBAO_SMS_SECRET": "s", "SANBAO_SMS_STYLE": "rpc"},
     "needs SANBAO_SMS_SIGN"),
    ({"SANBAO_WECOM_CORP": "ww1"}, "SANBAO_WECOM_CORP needs"),
    ({"SANBAO_HOOK_SECRET": "short"}, "SANBAO_HOOK_SECRET must have"),
    ({"SANBAO_WECHAT_HOOK_KEY": "short"}, "must have 43 characters"),
    ({"SANBAO_WECOM_HOOK_TOKEN": "t"}, "SANBAO_WECOM_HOOK_TOKEN needs"),
    ({"SANBAO_WECOM_KF_SECRET": "s", "SANBAO_WECOM_CORP": "ww1"}, "SANBAO_WECOM_KF_SECRET needs"),
    ({"SANBAO_WECHAT_APP": "wx1", "SANBAO_WECHAT_SECRET": "s"}, "SANBAO_WECHAT_APP needs"),
])  # fmt: skip
def test_a_server_half_configured_does_not_start(changes: dict[str, str], said: str) -> None:
    found = check(**changes)

    assert found.returncode != 0
    assert said in found.stderr
