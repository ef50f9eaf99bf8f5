"""Spanish."""

from __future__ import annotations

from typing import Final

from geo.domain.texting.phrases import Phrases
from geo.domain.words import Category

SPANISH: Final = Phrases(
    code="es",
    name="Español",
    is_reviewed=False,
    stop=("alto", "parar", "baja", "cancelar", "detener"),
    start=("empezar", "comenzar", "alta"),
    help=("ayuda", "información", "informacion"),
    person=("persona",),
    thanks=("gracias", "muchas gracias", "vale", "adiós", "adios"),
    categories={
        Category.FOOD: "Comida",
        Category.WATER: "Agua potable",
        Category.MEDICINE: "Medicinas",
        Category.SHELTER: "Un lugar donde quedarme",
        Category.TRANSPORT: "Transporte",
        Category.CHILDCARE: "Cuidado de niños",
        Category.COMPANY: "Compañía",
        Category.HOUSEHOLD: "Ayuda en casa",
        Category.PAPERWORK: "Trámites",
        Category.HYGIENE: "Higiene",
    },
    notice="{network}: vecinos que ayudan a vecinos. Si respondes, nuestros organizadores ven tu número y lo que "
    "escribes, para contestarte; nadie más. ALTO lo termina, AYUDA lo explica, PERSONA trae a una persona.",
    ask_category="¿Qué necesitas? Envía un número:",
    ask_people="¿Para cuántas personas? Envía un número, o 0 para saltar.",
    ask_address="¿Dónde? Calle y número, o dos calles que se cruzan. 0 si prefieres no decirlo.",
    ask_place="¿Cuál de estos es?",
    none_of_these="Ninguno de estos",
    ask_reach="¿Cómo podemos contactarte?\n1 Por mensaje a este número\n2 Por llamada a este número\n3 De ningún modo",
    ask_consent="¿Podemos guardar este número hasta resolver tu necesidad, para que un organizador te contacte?"
    "\n1 Sí\n2 No",
    ask_confirm="{summary}\n¿Es correcto?\n1 Sí, enviar\n2 No, empezar de nuevo",
    no_place="sin lugar",
    people="para {count}",
    done="Gracias, lo hemos recibido. Alguien lo verá. Escribe de nuevo cuando necesites algo.",
    not_understood="Perdón, no se ha entendido. PERSONA trae a una persona.",
    stopped="No recibirás más mensajes nuestros. Con EMPEZAR los recibes de nuevo.",
    started="Recibirás de nuevo nuestros mensajes.",
    about="{network}: vecinos que ayudan a vecinos. Escribe lo que necesitas y un organizador lo verá. ALTO termina "
    "todos los mensajes, PERSONA trae a una persona.",
    call="Una persona: {number}",
    handed_over="Un organizador te contactará en este número. En peligro, llama al número de emergencias.",
)
