"""What ODK programs send when a form is filled in (the OpenRosa submission): read within bounds, as it was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

MAX_BYTES: Final = 500_000
MAX_ANSWERS: Final = 300
MAX_ANSWER: Final = 10_000
"""Characters of one answer."""
_MAX_NODES: Final = 5_000
_META: Final = "meta"
_INSTANCE: Final = "instanceID"
_UUID: Final = re.compile(r"(?:uuid:)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
_NO_IDS: Final = frozenset({UUID(int=0), UUID(int=(1 << 128) - 1)})


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was filled in: which, by its name and version, and each answer by the name of its question.

    ``id`` is that of its ``instanceID``, which stays the same however often it is sent.
    """

    form: str
    version: str
    id: UUID
    answers: Mapping[str, str]


def read_submission(content: bytes) -> Submission:
    """Read what was sent as ``xml_submission_file``.

    Parameters
    ----------
    content
        XML of at most `MAX_BYTES`, without a document type.

    Raises
    ------
    InvalidInput
        If it is no such XML, names no form or no instance, asks twice, or is too large.
    """
    root = _parse(content)
    if sum(1 for _ in root.iter()) > _MAX_NODES:
        raise InvalidInput("this form has too many parts", field="xml_submission_file")
    instance = next((node for node in root.iter() if _plain(node) == _INSTANCE), None)
    form = root.get("id", "")
    if instance is None or not form:
        raise InvalidInput("this names no form, or no instanceID", field="xml_submission_file")
    return Submission(form, root.get("version", ""), _id_of((instance.text or "").strip()), _answers(root))


def _parse(content: bytes) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    if len(content) > MAX_BYTES:
        raise InvalidInput("this form is too large", field="xml_submission_file")
    try:
        found: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise InvalidInput("this is no XML that can be read", field="xml_submission_file") from None
    return found


def _plain(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _id_of(text: str) -> UUID:
    if not text or len(text) > MAX_ANSWER:
        raise InvalidInput("this names no instanceID", field="xml_submission_file")
    found = _UUID.fullmatch(text)
    made = UUID(found[1]) if found else None
    # some programs name an instance otherwise; what they call it gives the same id each time
    return made if made is not None and made not in _NO_IDS else uuid5(NAMESPACE_URL, text)


def _answers(root: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    waiting = [root]
    while waiting:
        for node in waiting.pop():
            name, text = _plain(node), (node.text or "").strip()
            if name == _META:
                continue
            if len(node):
                waiting.append(node)
            elif text and name in found:
                raise InvalidInput("this answers a question twice", field="xml_submission_file")
            elif text:
                found[name] = text
    if len(found) > MAX_ANSWERS or any(len(text) > MAX_ANSWER for text in found.values()):
        raise InvalidInput("this has too many answers, or one that is too long", field="xml_submission_file")
    return found
