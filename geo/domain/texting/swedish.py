"""Swedish."""

from __future__ import annotations

from typing import Final

from geo.domain.texting.phrases import Phrases
from geo.domain.words import Category

SWEDISH: Final = Phrases(
    code="sv",
    name="Svenska",
    is_reviewed=False,
    stop=("stopp", "sluta", "avsluta", "avbryt"),
    start=("starta", "börja"),
    help=("hjälp",),
    person=("människa", "en person"),
    thanks=("tack", "tackar", "hej då"),
    categories={
        Category.FOOD: "Mat",
        Category.WATER: "Dricksvatten",
        Category.MEDICINE: "Medicin",
        Category.SHELTER: "Någonstans att bo",
        Category.TRANSPORT: "Skjuts",
        Category.CHILDCARE: "Barnpassning",
        Category.COMPANY: "Sällskap",
        Category.HOUSEHOLD: "Hjälp hemma",
        Category.PAPERWORK: "Hjälp med papper",
        Category.HYGIENE: "Hygienartiklar",
    },
    notice="{network}: grannar hjälper grannar. Om du svarar ser våra organisatörer ditt nummer och vad du skriver, "
    "för att kunna svara dig; ingen annan gör det. STOPP avslutar, HJÄLP förklarar, MÄNNISKA ger en människa.",
    ask_category="Vad behöver du? Skicka en siffra:",
    ask_people="För hur många? Skicka en siffra, eller 0 för att hoppa över.",
    ask_address="Var? Gata och nummer, eller två gator som korsar varandra. 0 om du inte vill säga det.",
    ask_place="Vilken av dessa är det?",
    none_of_these="Ingen av dessa",
    ask_reach="Hur når vi dig?\n1 Med sms till det här numret\n2 Med ett samtal till det här numret\n3 Inte alls",
    ask_consent="Får vi spara det här numret tills du har fått hjälp, så att en organisatör kan nå dig?\n1 Ja\n2 Nej",
    ask_confirm="{summary}\nStämmer det?\n1 Ja, skicka\n2 Nej, börja om",
    no_place="ingen plats",
    people="för {count}",
    done="Tack, vi har fått det. Någon tittar på det. Skriv igen när du behöver något.",
    not_understood="Förlåt, det gick inte att förstå. MÄNNISKA ger en människa.",
    stopped="Du får inga fler meddelanden från oss. STARTA ändrar det.",
    started="Du får våra meddelanden igen.",
    about="{network}: grannar hjälper grannar. Skriv vad du behöver, så ser en organisatör det. STOPP avslutar alla "
    "meddelanden, MÄNNISKA ger en människa.",
    call="En människa svarar: {number}",
    handed_over="En organisatör hör av sig till det här numret. Ring nödnumret om det är fara.",
)
