"""Papers of an application, the same for both sides of the table: what was filed, and the decision, also as PDF."""

import asyncio
import contextvars

from litestar import Response
from litestar.response import Template

from setori.errors import NotFound
from setori.registry import ApplicationView, FilingView
from setori.web import decision_pdf
from setori.web.given import Req
from setori.web.pages import page


def filing_page(request: Req, seen: ApplicationView, filing: FilingView, back: str) -> Template:
    """What was sent in one round."""
    files = "/" + back.split("/")[1] + "/document-versions"
    return page(request, "papers/filing.html", seen=seen, filing=filing, back=back, files=files)


def decision_page(request: Req, seen: ApplicationView, back: str) -> Template:
    """The decision that stands. Raises NotFound while there is none."""
    if seen.decision is None:
        raise NotFound
    return page(request, "papers/decision.html", seen=seen, decision=seen.decision, back=back)


async def decision_file(seen: ApplicationView) -> Response[bytes]:
    """The decision that stands, as PDF in the reader's language. Raises NotFound while there is none."""
    if seen.decision is None:
        raise NotFound
    here = contextvars.copy_context()
    content = await asyncio.to_thread(here.run, decision_pdf.write, seen, seen.decision)
    name = f"setori-{seen.row.number}-{seen.decision.round}.pdf"
    return Response(
        content,
        media_type="application/pdf",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
