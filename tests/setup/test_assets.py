"""What `./dev build` makes of the sources."""

from pathlib import Path

from sanbao_run import assets


def test_code_is_compiled_for_services_that_may_not_write(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    good, other = tmp_path / "inner" / "good.py", tmp_path / "other_python.py"
    good.write_text("answer = 42\n")
    other.write_text("print 42\n")

    assets.compile_code(tmp_path)

    assert [path.name.split(".")[0] for path in sorted(tmp_path.rglob("*.pyc"))] == ["good"]
