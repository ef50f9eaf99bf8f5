"""Sending by Apprise: e-mail, text messages and Signal by the gateways whoever runs the host has named.

An address of a person is put into a gateway's URL, so it is taken in a narrow form and escaped: whoever typed it must
not be able to say where it is sent. Apprise knows no keys, so what it sends is sent at least once.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from geo.domain.messages import Channel, MessageFault
from geo.store.sending import NotSent

if TYPE_CHECKING:
    from collections.abc import Mapping

TO: Final = "{to}"
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?", re.ASCII
)
_PHONE: Final = re.compile(r"\+?[0-9]{5,15}", re.ASCII)
_SUBJECT: Final = "Barnraiser"


class AppriseSender:
    """Sends by one gateway for each way.

    Parameters
    ----------
    urls
        Of Apprise, each with ``{to}`` where the recipient goes. They hold secrets: they are neither logged nor shown.
    """

    def __init__(self, urls: Mapping[Channel, str]) -> None:
        self._urls = dict(urls)
        # it writes recipients and gateways into its log
        logging.getLogger("apprise").disabled = True

    def __repr__(self) -> str:
        return f"AppriseSender({', '.join(sorted(self._urls))})"

    @property
    def channels(self) -> frozenset[Channel]:
        """The ways a gateway is named for."""
        return frozenset(self._urls)

    def send(self, channel: Channel, address: str, text: str, *, key: str) -> None:  # noqa: ARG002 - Apprise knows none
        """Send a text; see ``geo.store.sending.Sender``."""
        from apprise import Apprise, AppriseAsset, NotifyFormat, PersistentStoreMode

        url = self._urls[channel].replace(TO, quote(plain_address(channel, address), safe=""))
        # nothing of it on the disk, no thread that outlives the call, and no gateway that sends it elsewhere
        asset = AppriseAsset(
            async_mode=False,
            storage_mode=PersistentStoreMode.MEMORY,
            plugin_paths=[],
            http_redirects=False,
            pem_autogen=False,
            pgp_autogen=False,
        )
        gateway = Apprise(asset=asset)
        if not gateway.add(url):
            raise NotSent(MessageFault.BROKEN)
        title = _SUBJECT if channel is Channel.EMAIL else ""
        try:
            went = gateway.notify(body=text, title=title, body_format=NotifyFormat.TEXT, interpret_escapes=False)
        except Exception:  # noqa: BLE001 - whatever a gateway's plug-in does, its words may hold the address
            raise NotSent from None
        if not went:
            raise NotSent


def plain_address(channel: Channel, address: str) -> str:
    """Take an address in the narrow form that a gateway is given.

    Raises
    ------
    NotSent
        For good, if it has another form.
    """
    if channel is Channel.EMAIL:
        found, form = address.strip(), _EMAIL
    else:
        found, form = re.sub(r"[ ()/.-]", "", address), _PHONE
    if not form.fullmatch(found):
        raise NotSent(MessageFault.NO_CONTACT, is_final=True)
    return found
