"""A provider's document, opened by a registrar: sent with an application, or resting under an approval; and told."""

from litestar import Response, get

from setori import evidence
from setori.days import local_day
from setori.errors import NotFound
from setori.people import Role
from setori.readmodels import documents
from setori.web import uploads
from setori.web.given import By, Db, Id, Now
from setori.web.guards import only
from setori.web.procurer.desk import procurer_of


@get("/procurer/document-versions/{version_id:uuid}/file", opt=only(Role.REGISTRAR))
async def download(db: Db, now: Now, by: By, version_id: Id) -> Response[bytes]:
    """The file, to be saved; the firm sees who opened it and when. Raises NotFound for what was not sent here."""
    if not await documents.may_open(db, procurer_of(by), version_id, on=local_day(now)):
        raise NotFound
    file = await evidence.open_file(db, version_id)
    await evidence.note_look(db, version_id, by=by, at=now)
    return uploads.attachment(file)


routes = [download]
