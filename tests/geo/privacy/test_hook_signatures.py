from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.privacy.hook_signatures import (
    WINDOW_S,
    is_plain_signed,
    is_twilio_signed,
    mint_hook_secret,
    sign_plain,
    sign_twilio,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the example of the specification
BODY = b'{"test": 2432232314}'
GOOD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
AT = "1614265330"
NOW_S = 1614265330.0
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = [
    ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"), ("From", "+14158675309"),
    ("To", "+18005551212"),
]  # fmt: skip


def is_signed(**values: object) -> bool:
    told = {"message_id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "timestamp": AT, "body": BODY, "signatures": GOOD}
    return is_plain_signed(SECRET, **(told | {"now_s": NOW_S} | values))  # type: ignore[arg-type]


def test_the_plain_form_is_that_of_standard_webhooks() -> None:
    assert sign_plain(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, BODY) == GOOD
    assert is_signed()
    assert is_signed(signatures=f"v1,AAAA {GOOD}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"message_id": "msg_other"}, {"body": BODY + b" "}, {"timestamp": "1614265331"}, {"signatures": ""},
        {"signatures": GOOD[3:]}, {"signatures": GOOD.replace("v1,", "v2,")}, {"signatures": "é"},
        {"signatures": " ".join([*(["v1,AAAA"] * 5), GOOD])}, {"timestamp": ""}, {"timestamp": "1e9"},
        {"now_s": NOW_S + WINDOW_S + 1}, {"now_s": NOW_S - WINDOW_S - 1},
    ],
)  # fmt: skip
def test_a_plain_text_that_was_changed_or_is_old_is_not_signed(wrong: dict[str, object]) -> None:
    assert not is_signed(**wrong)


def test_twilios_form_is_the_documented_one() -> None:
    """The example of Twilio's documentation: address 'https://mycompany.com/…', token 12345."""
    assert sign_twilio("12345", URL, FORM) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_twilio_signed("12345", url=URL, form=FORM[::-1], signature="RSOYDt4T1cUTdK1PDd93/VVr8B8=")


def test_twilios_form_by_hand() -> None:
    text = URL + "CallSidCA1234567890ABCDECaller+14158675309Digits1234From+14158675309To+18005551212"
    by_hand = base64.b64encode(hmac.new(b"12345", text.encode(), hashlib.sha1).digest()).decode()
    assert sign_twilio("12345", URL, [*FORM, FORM[0]]) == by_hand


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5), st.text())
def test_another_form_address_or_token_is_not_signed(form: list[tuple[str, str]], signature: str) -> None:
    good = sign_twilio("a" * 32, URL, form)
    assert is_twilio_signed("a" * 32, url=URL, form=form, signature=good)
    assert not is_twilio_signed("b" * 32, url=URL, form=form, signature=good)
    assert not is_twilio_signed("a" * 32, url=URL + "x", form=form, signature=good)
    assert not is_twilio_signed("a" * 32, url=URL, form=[*form, ("more", "1")], signature=good)
    assert signature == good or not is_twilio_signed("a" * 32, url=URL, form=form, signature=signature)


def test_secrets_are_random_and_long() -> None:
    one, two = mint_hook_secret(), mint_hook_secret()
    assert one != two
    assert len(base64.b64decode(one.removeprefix("whsec_"))) == 32
