"""English."""

from __future__ import annotations

from typing import Final

from geo.domain.texting.phrases import Phrases
from geo.domain.words import Category

ENGLISH: Final = Phrases(
    code="en",
    name="English",
    is_reviewed=True,
    stop=("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"),
    start=("start", "unstop", "subscribe"),
    help=("help", "info"),
    person=("person", "human", "people", "organizer"),
    thanks=("thanks", "thank you", "thx", "ok", "okay", "bye"),
    categories={
        Category.FOOD: "Food",
        Category.WATER: "Drinking water",
        Category.MEDICINE: "Medicine",
        Category.SHELTER: "A place to stay",
        Category.TRANSPORT: "A ride",
        Category.CHILDCARE: "Childcare",
        Category.COMPANY: "Company",
        Category.HOUSEHOLD: "Help at home",
        Category.PAPERWORK: "Paperwork",
        Category.HYGIENE: "Hygiene",
    },
    notice="{network}: neighbours helping neighbours. If you answer, our organizers see your number and what you "
    "write, to get back to you; nobody else does. STOP ends this, HELP explains, PERSON brings a person.",
    ask_category="What do you need? Send a number:",
    ask_people="For how many people? Send a number, or 0 to skip.",
    ask_address="Where? Street and number, or two streets that cross. 0 if you would rather not say.",
    ask_place="Which of these is it?",
    none_of_these="None of these",
    ask_reach="How may we reach you?\n1 By text to this number\n2 By a call to this number\n3 Not at all",
    ask_consent="May we keep this number until your need is met, so that an organizer can reach you?\n1 Yes\n2 No",
    ask_confirm="{summary}\nIs that right?\n1 Yes, send it\n2 No, start again",
    no_place="no place given",
    people="for {count}",
    done="Thank you, we have it. Somebody will look at it. Write again whenever you need something.",
    not_understood="Sorry, that was not understood. PERSON brings a person.",
    stopped="You will get no more messages from us. START undoes that.",
    started="You will get our messages again.",
    about="{network}: neighbours helping neighbours. Write what you need, and an organizer will see it. STOP ends all "
    "messages, PERSON brings a person.",
    call="A person: {number}",
    handed_over="An organizer will get back to you at this number. In danger, call the emergency number.",
)
