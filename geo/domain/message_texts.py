"""What messages say: short texts in a few languages, which take a link, a number and a time, and nothing else.

No text has room for an address, a name or what somebody needs, and no parameter could carry one: each has a form.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.hours import get_zone
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FALLBACK: Final = "en"
RIGHT_TO_LEFT: Final = frozenset({"ar"})
"""Languages whose lines begin on the right."""
_ISOLATED: Final = "\u2066{}\u2069"
"""Keeps a date and a time in their order in a line that begins on the right; never around a link, which it breaks."""
MAX_COUNT: Final = 100_000
_LINK: Final = re.compile(
    r"https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]{0,200})?(?:#[A-Za-z0-9._~-]{1,200})?"
)


class Template(StrEnum):
    """What a message is about."""

    HELPER_ASKED = "helper_asked"
    HELPER_REMINDED = "helper_reminded"
    HELPER_RELEASED = "helper_released"
    NEED_MATCHED = "need_matched"
    NEED_STILL = "need_still"
    NEED_DONE = "need_done"
    SHIFT_REMINDER = "shift_reminder"
    SHIFT_CANCELLED = "shift_cancelled"
    ORGANIZER_WAITING = "organizer_waiting"
    ASSET_STILL = "asset_still"
    REFERRAL_ENDING = "referral_ending"


FIELDS: Final = ("link", "count", "at")
"""All that a text may be filled with: a link without a query, a whole number, an instant."""

TEXTS: Final[Mapping[Template, Mapping[str, str]]] = {
    Template.HELPER_ASKED: {
        "en": "Somebody near you could use your help. Can you? Details and yes or no: {link}",
        "fi": "Joku lähelläsi kaipaa apuasi. Ehditkö? Lisätiedot ja vastaus: {link}",
        "sv": "Någon nära dig behöver din hjälp. Kan du? Läs mer och svara: {link}",
        "es": "Alguien cerca de ti necesita tu ayuda. ¿Puedes? Detalles y respuesta: {link}",
        "ar": "هناك شخص قريب منك يحتاج إلى مساعدتك. هل تستطيع؟ التفاصيل والرد هنا: {link}",
        "so": "Qof kuu dhow ayaa u baahan caawimaaddaada. Ma awooddaa? Faahfaahinta iyo jawaabta: {link}",
        "uk": "Комусь поруч потрібна ваша допомога. Чи зможете? Подробиці та відповідь: {link}",
    },
    Template.HELPER_REMINDED: {
        "en": "A reminder of the help you promised for {at}: {link}",
        "fi": "Muistutus avusta, jonka lupasit ({at}): {link}",
        "sv": "En påminnelse om hjälpen du lovade till {at}: {link}",
        "es": "Recordatorio de la ayuda que prometiste para el {at}: {link}",
        "ar": "تذكير بالمساعدة التي وعدت بها حتى {at}: {link}",
        "so": "Xusuusin ku saabsan caawimaaddii aad ballanqaadday ilaa {at}: {link}",
        "uk": "Нагадування про допомогу, яку ви обіцяли до {at}: {link}",
    },
    Template.HELPER_RELEASED: {
        "en": "The help you were asked for is no longer needed. Thank you all the same!",
        "fi": "Apua, jota sinulta pyydettiin, ei enää tarvita. Kiitos silti!",
        "sv": "Hjälpen du blev tillfrågad om behövs inte längre. Tack ändå!",
        "es": "La ayuda que te pedimos ya no hace falta. ¡Gracias de todos modos!",
        "ar": "المساعدة التي طُلبت منك لم تعد مطلوبة. شكرًا لك على أي حال!",
        "so": "Caawimaaddii lagaa codsaday looma baahna hadda. Waad ku mahadsan tahay si kastaba!",
        "uk": "Допомога, про яку вас просили, більше не потрібна. Усе одно дякуємо!",
    },
    Template.NEED_MATCHED: {
        "en": "Somebody will help you with what you asked for. See when, or change it: {link}",
        "fi": "Joku auttaa sinua pyytämässäsi asiassa. Katso milloin tai muuta: {link}",
        "sv": "Någon hjälper dig med det du bad om. Se när, eller ändra: {link}",
        "es": "Alguien te ayudará con lo que pediste. Mira cuándo o cámbialo: {link}",
        "ar": "سيساعدك شخص ما في ما طلبته. لمعرفة المزيد أو لتغييره: {link}",
        "so": "Qof ayaa kaa caawin doona wixii aad codsatay. Halkan ka eeg ama ka beddel: {link}",
        "uk": "Хтось допоможе вам із тим, про що ви просили. Подивитися або змінити: {link}",
    },
    Template.NEED_STILL: {
        "en": "Do you still need the help you asked for? Tell us here: {link}",
        "fi": "Tarvitsetko vielä pyytämääsi apua? Kerro täällä: {link}",
        "sv": "Behöver du fortfarande hjälpen du bad om? Svara här: {link}",
        "es": "¿Sigues necesitando la ayuda que pediste? Dínoslo aquí: {link}",
        "ar": "هل ما زلت بحاجة إلى المساعدة التي طلبتها؟ أخبرنا هنا: {link}",
        "so": "Weli ma u baahan tahay caawimaaddii aad codsatay? Halkan noogu sheeg: {link}",
        "uk": "Чи вам досі потрібна допомога, про яку ви просили? Скажіть нам тут: {link}",
    },
    Template.NEED_DONE: {
        "en": "Were you helped? A word here is enough: {link}",
        "fi": "Saitko apua? Yksi sana riittää: {link}",
        "sv": "Fick du hjälp? Ett ord räcker: {link}",
        "es": "¿Recibiste la ayuda? Basta una palabra aquí: {link}",
        "ar": "هل حصلت على المساعدة؟ تكفي كلمة واحدة هنا: {link}",
        "so": "Ma lagu caawiyay? Hal eray ayaa ku filan halkan: {link}",
        "uk": "Чи вам допомогли? Досить одного слова тут: {link}",
    },
    Template.SHIFT_REMINDER: {
        "en": "Your shift begins {at}. Details, or if you cannot come: {link}",
        "fi": "Vuorosi alkaa {at}. Lisätiedot, tai jos et pääse: {link}",
        "sv": "Ditt pass börjar {at}. Läs mer, eller säg till om du inte kan: {link}",
        "es": "Tu turno empieza el {at}. Detalles, o si no puedes venir: {link}",
        "ar": "تبدأ نوبتك في {at}. للتفاصيل، أو إذا لم تستطع الحضور: {link}",
        "so": "Shaqadaadu waxay bilaabanaysaa {at}. Faahfaahin, ama haddii aadan iman karin: {link}",
        "uk": "Ваша зміна починається {at}. Подробиці, або якщо ви не зможете прийти: {link}",
    },
    Template.SHIFT_CANCELLED: {
        "en": "Your shift of {at} does not take place.",
        "fi": "Vuorosi {at} on peruttu.",
        "sv": "Ditt pass {at} är inställt.",
        "es": "Tu turno del {at} se ha cancelado.",
        "ar": "أُلغيت نوبتك في {at}.",
        "so": "Shaqadaadii {at} waa la joojiyay.",
        "uk": "Вашу зміну {at} скасовано.",
    },
    Template.ORGANIZER_WAITING: {
        "en": "{count} wait for an answer of yours: {link}",
        "fi": "{count} odottaa vastaustasi: {link}",
        "sv": "{count} väntar på ditt svar: {link}",
        "es": "{count} esperan tu respuesta: {link}",
        "ar": "{count} في انتظار ردك: {link}",
        "so": "{count} ayaa jawaabtaada sugaya: {link}",
        "uk": "{count} чекають на вашу відповідь: {link}",
    },
    Template.ASSET_STILL: {
        "en": "Is what we list about your service still true? Yes, or what has changed: {link}",
        "fi": "Pitävätkö palvelustanne kertomamme tiedot yhä paikkansa? Vastaa tai korjaa: {link}",
        "sv": "Stämmer det vi skriver om er tjänst fortfarande? Svara eller rätta: {link}",
        "es": "¿Sigue siendo cierto lo que decimos de su servicio? Confirme o corrija: {link}",
        "ar": "هل ما نذكره عن خدمتكم لا يزال صحيحًا؟ للتأكيد أو التصحيح: {link}",
        "so": "Waxa aan ka sheegnay adeeggiinna weli ma run baa? Halkan ku xaqiiji ama ku sax: {link}",
        "uk": "Чи досі правильне те, що ми пишемо про вашу послугу? Підтвердити або виправити: {link}",
    },
    Template.REFERRAL_ENDING: {
        "en": "A partner has not answered, and what you referred ends {at}: {link}",
        "fi": "Kumppani ei ole vastannut, ja välittämäsi tarpeen aika päättyy {at}: {link}",
        "sv": "En partner har inte svarat, och det du hänvisade upphör {at}: {link}",
        "es": "Una entidad no ha respondido y lo que derivaste termina el {at}: {link}",
        "ar": "لم يرد الشريك بعد، وتنتهي الإحالة في {at}: {link}",
        "so": "Wada-hawlgaluhu ma uusan jawaabin, wixii aad gudbisayna wuxuu dhammaanayaa {at}: {link}",
        "uk": "Партнер не відповів, а передане вами завершується {at}: {link}",
    },
}
"""Each text by language (ISO 639); where one is not there, the English one is taken."""

Value = str | int


def fields_of(template: Template) -> frozenset[str]:
    """Tell what a text is filled with."""
    return frozenset(re.findall(r"\{(\w+)\}", TEXTS[template][FALLBACK]))


def check_parameters(template: Template, parameters: Mapping[str, object]) -> dict[str, Value]:
    """Take exactly what a text is filled with, each in its form, and refuse everything else.

    Parameters
    ----------
    parameters
        ``link``: http or https without a query, at most some 700 characters; ``count``: a whole number; ``at``: an
        aware instant, or one as RFC 3339 writes it.

    Raises
    ------
    InvalidInput
        Naming the parameter at fault, and never repeating it.
    """
    wanted = fields_of(template)
    for name in sorted(wanted ^ set(parameters)):
        known = name if name in FIELDS else "parameters"
        raise InvalidInput("a message takes exactly what its text names", field=known)
    return {name: _check(name, parameters[name]) for name in sorted(wanted)}


def _check(name: str, value: object) -> Value:
    if name == "count" and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT:
        return value
    if name == "link" and isinstance(value, str) and _LINK.fullmatch(value):
        return value
    if name == "at":
        return _instant(value).isoformat(timespec="seconds")
    raise InvalidInput("this is not in its form", field=name)


def _instant(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise InvalidInput("this must be an instant with its offset", field="at")
    return found


def choose_language(wanted: Iterable[str | None]) -> str:
    """Take the first language that there are texts in; English when there is none."""
    for tag in wanted:
        primary = (tag or "").split("-")[0].lower()
        if primary in TEXTS[Template.HELPER_ASKED]:
            return primary
    return FALLBACK


def write_text(template: Template, parameters: Mapping[str, Value], *, language: str, time_zone: str) -> str:
    """Fill a text; times are told by the clock of a zone."""
    texts = TEXTS[template]
    told = dict(parameters)
    if "at" in told:
        told["at"] = f"{_instant(told['at']).astimezone(get_zone(time_zone)):%Y-%m-%d %H:%M}"
        if language in RIGHT_TO_LEFT:
            told["at"] = _ISOLATED.format(told["at"])
    return texts.get(language, texts[FALLBACK]).format(**told)
