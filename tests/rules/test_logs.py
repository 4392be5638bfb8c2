"""The log tells what went wrong, and no secret that lay beside it."""

import pytest
import structlog

from setori import logs


@pytest.fixture
def log():
    before = structlog.get_config()
    logs.configure()
    yield structlog.get_logger()
    structlog.configure(**before)


def test_a_fault_is_written_without_the_variables_beside_it(log, capsys) -> None:
    def fall(authorization: str) -> None:
        raise ValueError("it broke")

    try:
        fall("Bearer setori_" + "very_" + "secret")
    except ValueError as fault:
        log.error("fault", route="/somewhere", exc_info=fault)
    written = capsys.readouterr().out
    assert "it broke" in written
    assert "/somewhere" in written
    assert "very_secret" not in written


def test_a_field_that_holds_a_secret_is_not_written(log, capsys) -> None:
    log.info("came", claim_token="very_secret", voucher_code="very_secret", route="/here")
    written = capsys.readouterr().out
    assert "/here" in written
    assert "very_secret" not in written
