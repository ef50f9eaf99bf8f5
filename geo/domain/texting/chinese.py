"""Chinese, in simplified characters."""

from __future__ import annotations

from typing import Final

from geo.domain.texting.phrases import Phrases
from geo.domain.words import Category

CHINESE: Final = Phrases(
    code="zh",
    name="中文",
    is_reviewed=False,
    stop=("停止", "退订", "取消"),
    start=("开始",),
    help=("帮助", "说明"),
    person=("人工", "真人"),
    thanks=("谢谢", "谢谢你", "好的", "再见"),
    categories={
        Category.FOOD: "食物",
        Category.WATER: "饮用水",
        Category.MEDICINE: "药品",
        Category.SHELTER: "住处",
        Category.TRANSPORT: "接送",
        Category.CHILDCARE: "照看孩子",
        Category.COMPANY: "陪伴",
        Category.HOUSEHOLD: "家务帮助",
        Category.PAPERWORK: "文书手续",
        Category.HYGIENE: "卫生用品",
    },
    notice="{network}:邻里互助。如果您回复,我们的组织者会看到您的号码和您写的内容,以便联系您;其他人看不到。"
    "发送 停止 结束,帮助 了解说明,人工 联系真人。",
    ask_category="您需要什么?请发送数字:",
    ask_people="有几个人?请发送数字,发送 0 跳过。",
    ask_address="在哪里?街道和门牌号,或两条相交的街道。不想说请发送 0。",
    ask_place="是哪一个?",
    none_of_these="都不是",
    ask_reach="我们怎样联系您?\n1 发短信到这个号码\n2 打这个号码\n3 不要联系我",
    ask_consent="在您得到帮助之前,我们可以保存这个号码,让组织者联系您吗?\n1 可以\n2 不可以",
    ask_confirm="{summary}\n对吗?\n1 对,发送\n2 不对,重新开始",
    no_place="没有地点",
    people="{count} 人",
    done="谢谢,我们收到了。会有人查看。需要时请再写给我们。",
    not_understood="对不起,没有看懂。发送 人工 联系真人。",
    stopped="您不会再收到我们的消息。发送 开始 恢复。",
    started="您会重新收到我们的消息。",
    about="{network}:邻里互助。写下您需要什么,组织者会看到。停止 结束所有消息,人工 联系真人。",
    call="真人接听:{number}",
    handed_over="组织者会用这个号码联系您。遇到危险请拨打紧急电话。",
)
