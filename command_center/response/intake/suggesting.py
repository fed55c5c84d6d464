"""Which category, unit and earlier cases a matter may belong to, each with its reason. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from typing import Protocol

# Kinds of units by the words that the catalogue uses for them.
WORDS_OF_UNIT = {
    "governance": ("综治", "网格", "村", "社区", "调委会"), "police": ("派出所", "公安", "反诈", "禁毒"),
    "traffic": ("交警", "交通"), "justice": ("司法", "法律", "调委会"), "emergency": ("应急",),
    "enforcement": ("综合执法", "城管"), "fire": ("消防",), "health": ("卫健", "卫生", "医"),
    "labour": ("人社", "劳动"), "land": ("自然资源", "国土", "林业"), "housing": ("住建", "建设", "物业", "燃气"),
    "water": ("水利", "防汛"), "farming": ("农业",), "civil_affairs": ("民政",), "petition": ("信访",),
    "market": ("市场监管",), "sanitation": ("环卫", "市容"), "veterans": ("退役",), "power": ("供电", "电力"),
    "court": ("法庭", "法院"), "women": ("妇联",),
}  # fmt: skip
SEPARATORS = "/;；、（）() ,，。"
# What people say, beside the words of the catalogue itself.
SAYINGS = {
    "01002": ("邻居", "地界", "界址", "树枝", "排水", "噪音扰民"), "01004": ("林地", "山林", "地界", "权属"),
    "01005": ("土地租金", "承包地", "流转", "租金"), "01006": ("借钱", "欠款", "借款", "还钱"),
    "01007": ("运费", "货款", "司机"), "01008": ("工资", "欠薪", "讨薪", "工钱"), "01009": ("死亡", "赔偿", "受伤"),
    "01011": ("物业费", "退费", "消费"), "02001": ("打架", "打人", "斗殴"), "02002": ("被偷", "失窃", "偷"),
    "02003": ("诈骗", "被骗", "刷单"), "03001": ("着火", "起火", "冒烟", "火灾"), "03003": ("落水", "溺水", "被困"),
    "03005": ("聚集", "堵门", "围堵", "拉横幅"), "03007": ("走失", "失踪", "找不到"),
}  # fmt: skip


class CategoryLike(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def lead(self) -> str: ...
    @property
    def support(self) -> str: ...


class UnitLike(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`why` are the words that were found, or that the catalogue names."""

    id: str
    score: float
    why: tuple[str, ...]


def categories_for(text: str, categories: Iterable[CategoryLike], *, limit: int = 3) -> list[Suggestion]:
    """Categories whose words occur in a text, best first; none where nothing speaks for any."""
    found, pairs = [], set(map(add, text, text[1:]))
    for category in categories:
        of_name = _pairs_of_name(category.name)
        said = [word for word in SAYINGS.get(category.code, ()) if word in text]
        if not said and pairs.isdisjoint(of_name):
            continue
        named = [pair for pair in of_name if pair in pairs]
        score = 2.0 * len(said) + len(named) / max(1, len(category.name) - 1)
        if score >= 0.3:
            found.append(Suggestion(category.code, round(score, 2), tuple(dict.fromkeys([*said, *named]))))
    return sorted(found, key=lambda one: (-one.score, one.id))[:limit]


def units_for(category: CategoryLike, units: Iterable[UnitLike], *, limit: int = 5) -> list[Suggestion]:
    """Units that the catalogue names for a category: those in charge before those that help."""
    found: list[Suggestion] = []
    for unit in units:
        for score, words in ((1.0, category.lead), (0.5, category.support)):
            named = [word for word in split(words) if names(unit, word)]
            if named:
                found.append(Suggestion(unit.id, score, tuple(named)))
                break
    return sorted(found, key=lambda one: (-one.score, one.id))[:limit]


def is_competent(category: CategoryLike, unit: UnitLike) -> bool:
    """Whether the duty list names a unit, in charge or as a helper."""
    return any(names(unit, word) for word in (*split(category.lead), *split(category.support)))


def names(unit: UnitLike, word: str) -> bool:
    """Whether a word of the catalogue means this unit."""
    return word in unit.name or any(one in word for one in WORDS_OF_UNIT.get(unit.kind, ()))


def split(words: str) -> list[str]:
    """The single words of a list as the catalogue writes it."""
    for separator in SEPARATORS:
        words = words.replace(separator, " ")
    return [word for word in words.split() if word != "-"]


def likeness(one: str, other: str) -> float:
    """How much two texts say the same: the share of pairs of characters that both have (Dice), 0 to 1."""
    first, second = set(_pairs(one)), set(_pairs(other))
    both = len(first & second)
    return 2.0 * both / (len(first) + len(second)) if both else 0.0


@lru_cache(maxsize=1024)
def _pairs_of_name(name: str) -> Sequence[str]:
    return tuple(_pairs(name))


def _pairs(text: str) -> Sequence[str]:
    kept = [char for char in text if char.isalnum()]
    return ["".join(kept[at : at + 2]) for at in range(len(kept) - 1)]
