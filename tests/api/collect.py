"""A program for OpenRosa as ODK Collect is one: asks first, answers the challenge, sends in several posts."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from defusedxml.ElementTree import fromstring

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx
    from fastapi.testclient import TestClient

    from geo.privacy.tokens import Token

LIST = "{http://openrosa.org/xforms/xformsList}"
XML = "xml_submission_file"


class Collect:
    """Speaks to a server as the program does, with a phone's token for a password."""

    def __init__(self, client: TestClient | httpx.Client, token: Token | str, server: str = "/openrosa") -> None:
        self.client, self.server = client, server
        password = token if isinstance(token, str) else token.text
        self.password = base64.b64encode(f"the phone:{password}".encode()).decode()

    def ask(self, method: str, where: str, **how: Any) -> Any:
        """Ask without a password first, as the program does, and answer the challenge with one."""
        path = where.removeprefix(str(self.client.base_url).rstrip("/"))
        headers = {"X-OpenRosa-Version": "1.0", "User-Agent": "org.odk.collect.android/v2026.1"}
        headers |= how.pop("headers", {})
        answer = self.client.request(method, path, headers=headers, **how)
        if answer.status_code == 401 and answer.headers.get("www-authenticate", "").startswith("Basic "):
            headers["Authorization"] = f"Basic {self.password}"
            answer = self.client.request(method, path, headers=headers, **how)
        return answer

    def forms(self) -> list[dict[str, str]]:
        """Fetch the list of forms."""
        answer = self.ask("GET", f"{self.server}/formList")
        assert (answer.status_code, answer.headers["x-openrosa-version"]) == (200, "1.0")
        assert answer.headers["content-type"].startswith("text/xml")
        return [{node.tag.removeprefix(LIST): node.text for node in form} for form in fromstring(answer.content)]

    def fetch(self, form: Mapping[str, str]) -> str:
        """Fetch a form, see that it is the one of the list, and that it needs no files."""
        xml = self.ask("GET", form["downloadUrl"]).text
        assert form["hash"] == f"md5:{hashlib.md5(xml.encode(), usedforsecurity=False).hexdigest()}"
        manifest = self.ask("GET", form["manifestUrl"])
        assert list(fromstring(manifest.content)) == []
        return str(xml)

    def send(self, filled: bytes, files: Sequence[tuple[str, bytes]] = (), *, posts: int = 1) -> list[int]:
        """Ask where to send, then send the form with each part of the files; all posts but the last say so."""
        where = self.ask("HEAD", f"{self.server}/submission?deviceID=collect%3Aabc")
        assert where.status_code == 204, where.text
        assert int(where.headers["x-openrosa-accept-content-length"]) > 100_000
        each = -(-len(files) // posts) or 1
        codes = []
        for at in range(posts):
            part = files[at * each : (at + 1) * each]
            answer = self.post(filled, part, is_last=at == posts - 1, where=where.headers["location"])
            codes.append(answer.status_code)
        return codes

    def post(
        self, filled: bytes, files: Sequence[tuple[str, bytes]] = (), *, is_last: bool = True, where: str = ""
    ) -> Any:
        """Send one post."""
        body, headers = self.written(filled, files, is_last=is_last)
        where = where or f"{self.server}/submission"
        return self.ask("POST", f"{where}?deviceID=collect%3Aabc", content=body, headers=headers)

    def written(
        self, filled: bytes, files: Sequence[tuple[str, bytes]] = (), *, is_last: bool = True
    ) -> tuple[bytes, dict[str, str]]:
        """Write the body of a post byte for byte as OkHttp does, and its header."""
        boundary = str(uuid4())
        parts = [(XML, "form.xml", "text/xml; charset=utf-8", filled)]
        parts += [(name, name, "image/jpeg", content) for name, content in files]
        body = b"".join(_part(boundary, *part) for part in parts)
        if not is_last:
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="*isIncomplete*"\r\n'.encode()
            body += b"Content-Length: 3\r\n\r\nyes\r\n"
        body += f"--{boundary}--\r\n".encode()
        return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def _part(boundary: str, name: str, filename: str, kind: str, content: bytes) -> bytes:
    told = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    return f"{told}Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content + b"\r\n"
