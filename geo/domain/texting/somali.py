"""Somali."""

from __future__ import annotations

from typing import Final

from geo.domain.texting.phrases import Phrases
from geo.domain.words import Category

SOMALI: Final = Phrases(
    code="so",
    name="Soomaali",
    is_reviewed=False,
    stop=("jooji", "joogso", "ka bax"),
    start=("bilow", "billow"),
    help=("caawin", "caawimaad", "i caawi"),
    person=("qof",),
    thanks=("mahadsanid", "waad mahadsantahay", "haye"),
    categories={
        Category.FOOD: "Cunto",
        Category.WATER: "Biyo la cabbo",
        Category.MEDICINE: "Daawo",
        Category.SHELTER: "Meel la degto",
        Category.TRANSPORT: "Gaadiid",
        Category.CHILDCARE: "Ilmo haynta",
        Category.COMPANY: "Wehel",
        Category.HOUSEHOLD: "Caawimo guriga",
        Category.PAPERWORK: "Waraaqo",
        Category.HYGIENE: "Nadaafad",
    },
    notice="{network}: deriska oo deriska caawiya. Haddaad jawaabto, abaabulayaashayadu waxay arkaan lambarkaaga iyo "
    "waxaad qorto si ay kuu soo jawaabaan; cid kale ma aragto. JOOJI wuu dhammeeyaa, CAAWIN wuu sharraxaa, QOF qof buu "
    "kuu keenaa.",
    ask_category="Maxaad u baahan tahay? Soo dir lambar:",
    ask_people="Immisa qof? Soo dir lambar, ama 0 si aad uga boodo.",
    ask_address="Xaggee? Waddada iyo lambarka, ama laba waddo oo is goynaya. 0 haddaadan rabin inaad sheegto.",
    ask_place="Kee baa ah kuwan?",
    none_of_these="Midna ma aha",
    ask_reach="Sidee kuula soo xiriirnaa?\n1 Fariin lambarkan\n2 Wicitaan lambarkan\n3 Ha ila soo xiriirina",
    ask_consent="Ma haynaa lambarkan ilaa baahidaada la daboolo, si abaabule kuula soo xiriiro?\n1 Haa\n2 Maya",
    ask_confirm="{summary}\nMa sax baa?\n1 Haa, dir\n2 Maya, dib u bilow",
    no_place="meel lama sheegin",
    people="tirada: {count}",
    done="Mahadsanid, waan helnay. Qof baa eegi doona. Mar kale soo qor markaad wax u baahato.",
    not_understood="Waan ka xunnahay, lama fahmin. QOF qof buu kuu keenaa.",
    stopped="Fariimo dambe naga heli maysid. BILOW ayaa dib u soo celiya.",
    started="Fariimahayaga mar kale waad heli doontaa.",
    about="{network}: deriska oo deriska caawiya. Qor waxaad u baahan tahay, abaabule ayaa arki doona. JOOJI wuxuu "
    "dhammeeyaa fariimaha oo dhan, QOF qof buu kuu keenaa.",
    call="Qof: {number}",
    handed_over="Abaabule ayaa kugula soo xiriiri doona lambarkan. Haddii khatar jirto, wac lambarka gurmadka.",
)
