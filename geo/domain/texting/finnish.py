"""Finnish."""

from __future__ import annotations

from typing import Final

from geo.domain.texting.phrases import Phrases
from geo.domain.words import Category

FINNISH: Final = Phrases(
    code="fi",
    name="Suomi",
    is_reviewed=False,
    stop=("lopeta", "seis", "peru", "peruuta"),
    start=("aloita", "jatka"),
    help=("apua", "ohje", "ohjeet"),
    person=("ihminen", "henkilö"),
    thanks=("kiitos", "kiitti", "selvä", "moi moi"),
    categories={
        Category.FOOD: "Ruokaa",
        Category.WATER: "Juomavettä",
        Category.MEDICINE: "Lääkkeitä",
        Category.SHELTER: "Majapaikka",
        Category.TRANSPORT: "Kyyti",
        Category.CHILDCARE: "Lastenhoitoa",
        Category.COMPANY: "Seuraa",
        Category.HOUSEHOLD: "Kotiapua",
        Category.PAPERWORK: "Apua papereiden kanssa",
        Category.HYGIENE: "Hygieniatarvikkeita",
    },
    notice="{network}: naapurit auttavat naapureita. Jos vastaat, järjestäjämme näkevät numerosi ja viestisi, "
    "jotta he voivat vastata sinulle; kukaan muu ei näe. LOPETA päättää, OHJE kertoo lisää, IHMINEN kutsuu ihmisen.",
    ask_category="Mitä tarvitset? Lähetä numero:",
    ask_people="Kuinka monelle? Lähetä numero, tai 0 jos ohitat.",
    ask_address="Missä? Katu ja numero, tai kaksi katua, jotka risteävät. 0 jos et halua kertoa.",
    ask_place="Mikä näistä se on?",
    none_of_these="Ei mikään näistä",
    ask_reach="Miten tavoitamme sinut?\n1 Tekstiviestillä tähän numeroon\n2 Soittamalla tähän numeroon\n3 Ei mitenkään",
    ask_consent="Saammeko säilyttää tämän numeron, kunnes saat avun, jotta järjestäjä tavoittaa sinut?\n1 Kyllä\n2 Ei",
    ask_confirm="{summary}\nOnko näin?\n1 Kyllä, lähetä\n2 Ei, alusta",
    no_place="ei paikkaa",
    people="{count} hengelle",
    done="Kiitos, saimme sen. Joku katsoo asiaa. Kirjoita uudelleen, kun tarvitset jotain.",
    not_understood="Anteeksi, tätä ei ymmärretty. IHMINEN kutsuu ihmisen.",
    stopped="Et saa meiltä enää viestejä. ALOITA kumoaa tämän.",
    started="Saat taas viestejämme.",
    about="{network}: naapurit auttavat naapureita. Kirjoita, mitä tarvitset, ja järjestäjä näkee sen. LOPETA päättää "
    "kaikki viestit, IHMINEN kutsuu ihmisen.",
    call="Ihminen vastaa: {number}",
    handed_over="Järjestäjä ottaa sinuun yhteyttä tähän numeroon. Vaarassa soita hätänumeroon.",
)
