"""Arabic."""

from __future__ import annotations

from typing import Final

from geo.domain.texting.phrases import Phrases
from geo.domain.words import Category

ARABIC: Final = Phrases(
    code="ar",
    name="العربية",
    is_reviewed=False,
    stop=("توقف", "قف", "إلغاء", "الغاء", "إيقاف", "ايقاف"),
    start=("ابدأ", "ابدا", "بدء"),
    help=("مساعدة", "المساعدة", "معلومات"),
    person=("شخص", "إنسان", "انسان"),
    thanks=("شكرا", "شكراً", "حسنا", "حسناً"),
    categories={
        Category.FOOD: "طعام",
        Category.WATER: "ماء للشرب",
        Category.MEDICINE: "دواء",
        Category.SHELTER: "مكان للإقامة",
        Category.TRANSPORT: "توصيلة",
        Category.CHILDCARE: "رعاية أطفال",
        Category.COMPANY: "صحبة",
        Category.HOUSEHOLD: "مساعدة في البيت",
        Category.PAPERWORK: "معاملات وأوراق",
        Category.HYGIENE: "مستلزمات نظافة",
    },
    notice="{network}: جيران يساعدون جيرانهم. إذا أجبت، يرى منظمونا رقمك وما تكتبه كي يردوا عليك، ولا يراه غيرهم. "
    "أرسل توقف للإنهاء، مساعدة للشرح، شخص للتحدث إلى شخص.",
    ask_category="ماذا تحتاج؟ أرسل رقماً:",
    ask_people="لكم شخص؟ أرسل رقماً، أو 0 للتخطي.",
    ask_address="أين؟ الشارع والرقم، أو شارعان يتقاطعان. أرسل 0 إذا كنت تفضل ألا تقول.",
    ask_place="أي من هذه؟",
    none_of_these="لا شيء منها",
    ask_reach="كيف نتواصل معك؟\n1 برسالة إلى هذا الرقم\n2 بمكالمة إلى هذا الرقم\n3 لا تتواصلوا معي",
    ask_consent="هل نحتفظ بهذا الرقم حتى تُلبّى حاجتك كي يتواصل معك أحد المنظمين؟\n1 نعم\n2 لا",
    ask_confirm="{summary}\nهل هذا صحيح؟\n1 نعم، أرسل\n2 لا، من جديد",
    no_place="بلا مكان",
    people="العدد: {count}",
    done="شكراً، وصلتنا رسالتك وسيطلع عليها أحدنا. اكتب لنا مجدداً متى احتجت شيئاً.",
    not_understood="عذراً، لم نفهم. أرسل شخص للتحدث إلى شخص.",
    stopped="لن تصلك رسائل منا بعد الآن. أرسل ابدأ لتصلك من جديد.",
    started="ستصلك رسائلنا من جديد.",
    about="{network}: جيران يساعدون جيرانهم. اكتب ما تحتاج وسيراه أحد المنظمين. توقف ينهي كل الرسائل، شخص للتحدث إلى "
    "شخص.",
    call="شخص يجيبك: {number}",
    handed_over="سيتواصل معك أحد المنظمين على هذا الرقم. عند الخطر اتصل برقم الطوارئ.",
)
