"""Requests that no browser sends: NUL wherever one can stand, and what shared caches are told."""

import re

import httpx
import pytest


@pytest.fixture
async def token(client: httpx.AsyncClient) -> str:
    found = re.search(r'name="_csrf" value="([^"]+)"', (await client.get("/sign-in")).text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/news/leave", "token"),
        ("/news/confirmation", "token"),
        ("/news", "email"),
        ("/sign-in", "email"),
        ("/sign-in", "next"),
        ("/sign-in/link", "token"),
        ("/claim", "code"),
    ],
)
@pytest.mark.parametrize("nul", ["\0", "a\0b"])
async def test_nul_in_a_form_is_no_fault(client, token, path, field, nul) -> None:
    data = {"_csrf": token, field: nul}
    assert (await client.post(path, data=data)).status_code < 500
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
        for name, value in data.items()
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert (await client.post(path, content=body + b"--x--\r\n", headers=headers)).status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/news/leave?token=%00",
        "/news/confirmation?token=a%00b",
        "/news?area_code=%00&service_id=%00",
        "/sign-in?next=/%00",
        "/sign-in/link?token=%00",
        "/coaches?q=%00&area=%00&language=%00&way=%00&service=%00&after=%00",
        "/providers?q=%%0000&area=%00",
        "/register.csv?area=%00",
        "/register/events?since=%00",
        "/dialogue?after=%00",
        "/redeem?code=%00&here=%00",
        "/?lang=%00",
        "/claim/%00",
        "/claim/a%00b",
        "/calendars/%00.ics",
        "/coaches/%00",
        "/%00",
    ],
)
async def test_nul_in_an_address_is_no_fault(client, path) -> None:
    assert (await client.get(path)).status_code < 500, path


async def test_a_page_tells_caches_all_that_it_depends_on(client) -> None:
    for sent in ("gzip", "identity"):
        for path in ("/", "/coaches", "/nothing-here"):
            answer = await client.get(path, headers={"accept-encoding": sent})
            said = [word.strip().lower() for word in answer.headers["vary"].split(",")]
            assert {"accept-language", "cookie", "hx-request"} <= set(said), (path, said)
            assert len(said) == len(set(said))
            if answer.headers.get("content-encoding") == "gzip":
                assert "accept-encoding" in said
    assert answer.status_code == 404
    assert (await client.get("/", headers={"accept-encoding": "gzip"})).headers["content-encoding"] == "gzip"
