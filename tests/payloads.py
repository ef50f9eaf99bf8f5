"""Texts that try to be run: sixty as scripts in a browser, twenty as templates on a server.

Each is told with the careless place in which it does run, so that a test can show that it would.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Payload(NamedTuple):
    """A text that calls ``fired(number)`` where somebody puts it into ``sink`` as it is."""

    number: int
    text: str
    sink: str


SINKS: Final = {
    "element": "<p>{}</p>",
    "double": '<p title="{}">x</p>',
    "single": "<p title='{}'>x</p>",
    "area": "<textarea>{}</textarea>",
    "script": "<script>var said = '{}';</script>",
    "script_double": '<script>var said = "{}";</script>',
    "template": "<script>var said = `{}`;</script>",
    "comment": "<!-- {} -->",
}
"""Where careless programs put what people write."""
_VECTORS: Final = (
    "<script>F</script>",
    "<ScRiPt>F</sCrIpT>",
    "<img src=x onerror=F>",
    '<img src="x" onerror="F">',
    "<IMG SRC=x ONERROR=F>",
    "<audio src=x onerror=F></audio>",
    "<svg onload=F>",
    "<svg/onload=F>",
    "<svg><script>F</script></svg>",
    "<style onload=F></style>",
    "<video><source src=x onerror=F></video>",
    "<details open ontoggle=F>x</details>",
)
_WAYS_OUT: Final = (("", "element"), ('">', "double"), ("'>", "single"), ("</textarea>", "area"))
_IN_SCRIPTS: Final = (
    ("';F;//", "script"),
    ("'-F-'", "script"),
    ("</script><script>F</script>", "script"),
    ("</script><img src=x onerror=F>", "script"),
    ('";F;//', "script_double"),
    ('"-F-"', "script_double"),
    ("${F}", "template"),
    ("`;F;//", "template"),
    ("`-F-`", "template"),
    ("${`${F}`}", "template"),
    ("--><script>F</script>", "comment"),
    ("--><svg onload=F>", "comment"),
)


def _scripts() -> tuple[Payload, ...]:
    broken_out = [(way + vector, sink) for way, sink in _WAYS_OUT for vector in _VECTORS]
    return tuple(
        Payload(number, text.replace("F", f"fired({number})"), sink)
        for number, (text, sink) in enumerate([*broken_out, *_IN_SCRIPTS])
    )


SCRIPTS: Final = _scripts()
RUN: Final = "8128"
"""What the templates below write where they are run; none of them holds it itself."""
TEMPLATES: Final = (
    "{{ 127*64 }}",
    "{{127*64}}",
    "{{- 127*64 -}}",
    "{{ (127*64)|string }}",
    "{{ '81' ~ '28' }}",
    "{{ '81' + '28' }}",
    "{{ ['81', '28']|join }}",
    "{% if true %}{{ 127*64 }}{% endif %}",
    "{% set a = 127*64 %}{{ a }}",
    "{% for a in [127*64] %}{{ a }}{% endfor %}",
    "{% macro a() %}{{ 127*64 }}{% endmacro %}{{ a() }}",
    "{%- if true -%}{{ 127*64 }}{%- endif -%}",
    "{# a #}{{ 127*64 }}{# b #}",
    "{{ namespace(a=127*64).a }}",
    "{{ cycler.__init__.__globals__.__name__ and 127*64 }}",
    "{{ ''.__class__.__mro__ and 127*64 }}",
    "{{ self and 127*64 }}",
    "{{ dict(a=127*64).a }}",
    "{{ 127*64 }}{% bad",
    "{{ 127*64",
)
"""The last two stop a template altogether."""
ALL: Final = (*(one.text for one in SCRIPTS), *TEMPLATES)
