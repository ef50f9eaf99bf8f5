"""What columns and cells of other people's tables are called, in the languages of the phone pages."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_PARTS: Final = re.compile(r"[^\w]+|_", re.UNICODE)


def fold(text: str) -> str:
    """Write a header or a word in the form in which they are compared: small letters, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    # the marks of Latin, Greek and Cyrillic letters only; elsewhere they are letters of their own
    bare = "".join(c for c in plain if not "\u0300" <= c <= "\u036f")
    return " ".join(part for part in _PARTS.split(unicodedata.normalize("NFC", bare)) if part)


HEADERS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(words.split("|"))
    for name, words in {
        "key": "key|id|ref|reference|row id|record id|uuid|instanceid|instance id|meta instanceid|case number|tunnus|"
        "viite|referencia|номер|المعرف|tixraac|编号",
        "category": "category|need|type|type of need|need type|help needed|request|categoria|necesidad|tipo|luokka|"
        "tarve|avun tarve|категория|потребность|الفئة|الاحتياج|nooca|baahida|类别|需求",
        "categories": "categories|category|offers|services|can help with|skills|categorias|servicios|luokat|palvelut|"
        "auttaa|категории|услуги|الخدمات|adeegyada|类别|服务",
        "urgency": "urgency|priority|urgencia|prioridad|kiireellisyys|kiireys|срочность|приоритет|الاستعجال|الأولوية|"
        "degdeg|degdegga|紧急程度|优先级",
        "household_size": "household size|household|people|persons|family size|number of people|personas|"
        "hogar|henkilot|talouden koko|henkiloita|человек|размер семьи|عدد الأفراد|tirada dadka|人数|家庭人数",
        "languages": "languages|language|idiomas|idioma|kielet|kieli|языки|язык|اللغات|اللغة|luqadaha|luqadda|语言",
        "access": "access|access needs|accesibilidad|esteettomyys|доступность|إمكانية الوصول|helitaan|无障碍",
        "address": "address|street address|home address|full address|location|direccion|domicilio|osoite|katuosoite|"
        "адрес|العنوان|cinwaan|cinwaanka|地址",
        "street": "street|street name|calle|katu|улица|الشارع|waddo|waddada|街道",
        "house_number": "house number|house no|number|no|numero|talonumero|номер дома|дом|رقم المنزل|门牌号",
        "postcode": "postcode|post code|postal code|zip|zip code|codigo postal|postinumero|индекс|"
        "почтовый индекс|الرمز البريدي|邮编|邮政编码",
        "town": "town|city|municipality|ciudad|municipio|kaupunki|kunta|postitoimipaikka|город|المدينة|magaalada|城市",
        "lon": "lon|lng|long|longitude|x|longitud|pituusaste|долгота|خط الطول|经度",
        "lat": "lat|latitude|y|latitud|leveysaste|широта|خط العرض|纬度",
        "geopoint": "geopoint|gps|coordinates|coords|coordenadas|koordinaatit|координаты|الإحداثيات|坐标",
        "accuracy_m": "accuracy|accuracy m|precision|tarkkuus|точность|الدقة|精度",
        "received_at": "received at|received|date|submission date|submissiondate|submission time|created at|timestamp|"
        "start|fecha|paivays|paivamaara|дата|التاريخ|taariikh|taariikhda|日期",
        "withheld": "withheld|confidential|hidden|salainen|confidencial",
        "consent": "consent|agreed|consentimiento|suostumus|согласие|الموافقة|oggolaansho|同意",
        "contact_name": "contact name|name|full name|person|nombre|nimi|имя|фио|الاسم|magaca|姓名",
        "phone": "phone|phone number|mobile|tel|telephone|telefono|puhelin|puhelinnumero|телефон|الهاتف|telefoon|"
        "taleefan|电话|手机",
        "email": "email|e mail|mail|correo|correo electronico|sahkoposti|почта|البريد الإلكتروني|iimayl|邮箱|电子邮件",
        "contact_note": "note|notes|comment|comments|remarks|nota|notas|comentarios|huomautus|lisatiedot|kommentti|"
        "примечание|комментарий|ملاحظات|faallo|备注",
        "public_name": "public name|name|helper|volunteer|full name|nombre|nimi|имя|الاسم|magaca|姓名",
        "vehicle": "vehicle|transport|vehiculo|ajoneuvo|kulkuneuvo|транспорт|المركبة|gaari|车辆",
        "status": "status|estado|tila|статус|الحالة|xaalad|状态",
        "capacity_per_week": "capacity per week|capacity|capacidad|kapasiteetti|вместимость|السعة|awood|容量",
        "max_travel_min": "max travel min|minutes|travel minutes",
        "name": "name|title|asset|organization|place name|nombre|nimi|название|الاسم|magaca|名称",
        "kind": "kind|type|place type|tipo|tyyppi|тип|النوع|nooca|类型",
        "description": "description|about|note|notes|descripcion|kuvaus|описание|الوصف|sharaxaad|描述",
        "opening_hours": "opening hours|hours|open|horario|aukioloajat|часы работы|ساعات العمل|营业时间",
        "step_free": "step free|wheelchair|esteeton",
    }.items()
}
"""The headers of each field, most certain first, folded as :func:`fold` does."""

_CATEGORIES: Final = {
    "food": "groceries|meal|meals|food parcel|comida|alimentos|ruoka|ruoka apu|еда|продукты|طعام|غذاء|cunto|食物|食品",
    "water": "drinking water|agua|vesi|вода|ماء|مياه|biyo|水|饮用水",
    "medicine": "medication|medicines|pharmacy|medicamentos|laake|laakkeet|лекарства|دواء|أدوية|daawo|药品|药",
    "shelter": "housing|accommodation|alojamiento|vivienda|majoitus|asuminen|жилье|приют|مأوى|سكن|hoy|住所|住房",
    "transport": "ride|lift|transportation|transporte|kuljetus|kyyti|транспорт|نقل|مواصلات|gaadiid|交通|接送",
    "childcare": "child care|babysitting|cuidado de ninos|lastenhoito|присмотр за детьми|رعاية الأطفال|"
    "xannaanada carruurta|儿童看护|托儿",
    "company": "visit|someone to talk to|compania|seura|juttuseura|общение|صحبة|wehel|陪伴",
    "household": "household help|cleaning|chores|hogar|tareas domesticas|kotiapu|siivous|помощь по дому|أعمال منزلية|"
    "shaqada guriga|家务",
    "paperwork": "forms|documents|tramites|papeleo|paperityot|lomakkeet|документы|أوراق|معاملات|warqado|文书|文件",
    "hygiene": "toiletries|diapers|higiene|hygienia|гигиена|نظافة|nadaafad|卫生用品|卫生",
}
_URGENCIES: Final = {
    "low": "not urgent|whenever|baja|ei kiireellinen|matala|низкая|منخفض|hoose|低",
    "normal": "medium|media|normaali|средняя|обычная|عادي|متوسط|caadi|中|一般",
    "high": "urgent|soon|alta|urgente|kiireellinen|korkea|высокая|срочно|عاجل|مرتفع|sare|degdeg|高|紧急",
    "critical": "emergency|emergencia|kriittinen|hataapu|критическая|экстренно|حرج|طارئ|aad u degdeg|危急|非常紧急",
}
_ACCESS: Final = {
    "no_car": "no car|without car|sin coche|ei autoa|нет машины|بدون سيارة|gaari ma haysto|无车",
    "wheelchair": "wheelchair user|silla de ruedas|pyoratuoli|инвалидная коляска|كرسي متحرك|kursiga curyaanka|轮椅",
    "no_phone": "no phone|sin telefono|ei puhelinta|нет телефона|بدون هاتف|taleefan ma leh|无电话",
}
_VEHICLES: Final = {
    "none": "on foot|walking|no|a pie|jalan|пешком|سيرا|lug|步行|无",
    "bicycle": "bike|bicicleta|pyora|polkupyora|велосипед|دراجة|baaskiil|自行车",
    "car": "auto|coche|carro|машина|سيارة|gaari|汽车|车",
}
_YES: Final = "yes|y|true|1|x|si|s|kylla|k|да|نعم|haa|是|ok"
_NO: Final = "no|n|false|0|ei|e|нет|لا|maya|否"


def _meanings(table: dict[str, str]) -> dict[str, str]:
    return {
        fold(word): meant for meant, words in table.items() for word in (meant.replace("_", " "), *words.split("|"))
    }


WORDS: Final[dict[str, dict[str, str]]] = {
    "category": _meanings(_CATEGORIES),
    "categories": _meanings(_CATEGORIES),
    "urgency": _meanings(_URGENCIES),
    "access": _meanings(_ACCESS),
    "vehicle": _meanings(_VEHICLES),
    **dict.fromkeys(("consent", "withheld", "interpreter"), _meanings({"yes": _YES, "no": _NO})),
}
"""What words of a cell mean, by field, folded as :func:`fold` does."""
