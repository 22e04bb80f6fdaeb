"""One mutation site, and the words that sites are found by."""

import re
from dataclasses import dataclass, field

# The text of a site is a list of parts: plain text, `NUMBER` for the mutant's number, a span of the original as it is,
# or one in which other sites live.
NUMBER = object()


@dataclass(frozen=True)
class Raw:
    start: int
    end: int


@dataclass(frozen=True)
class Live:
    start: int
    end: int


@dataclass
class Site:
    operator: str
    start: int
    end: int
    parts: list
    function: str
    original: str
    mutated: str
    path: str = ""
    line: int = 0
    name: str = ""
    number: int = 0
    inner: list = field(default_factory=list)


def squeezed(text, limit=160):
    text = re.sub(r"\s*//[^\n]*", "", text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>=", "&+=", "&-=", "&*="}
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
EQUALITIES = {"==": "!=", "!=": "==", "===": "!==", "!==": "==="}
STOP_WORDS = {
    "if", "guard", "while", "return", "where", "in", "else", "case", "try", "await", "let", "var", "throw", "switch",
}
NO_EFFECT_WORDS = {
    "let", "var", "return", "guard", "if", "for", "while", "switch", "do", "defer", "repeat", "break", "continue",
    "throw", "case", "default", "func", "struct", "enum", "class", "typealias", "fallthrough", "import", "precondition",
    "preconditionFailure", "assert", "assertionFailure", "fatalError", "super",
}
# Twice is as good as once.
IDEMPOTENT = {"removeAll", "removeValue", "reserveCapacity", "sort", "remove"}
# What only people read, or only says that the program is wrong.
UNSEEN_CALLS = {"reserveCapacity", "remember", "noteRepair", "noteSent", "precondition", "preconditionFailure", "assert", "assertionFailure", "fatalError", "log", "tell"}
UNSEEN_STATEMENTS = re.compile(
    r"((base|context|self)\.)*((counters|counts|statistics|report)\.|bytesRead\b|outbox\.append\(\.log\(|emit\(\.log\()")
UNSEEN_FUNCTIONS = {
    "description", "debugDescription", "displayText", "summary", "reason", "notReadyReason", "remember", "noteRepair",
    "noteSent", "statistics", "reports",
}


def labels_of(texts):
    """What an argument of a label is, where all declarations agree: `nil` for optionals, `[]` for arrays, `Bool`."""
    kinds = {}
    pattern = re.compile(r"\b(\w+)(?: \w+)?: (inout )?(\[[^\]\n]+\]|[A-Z][\w.]*(?:<[^>\n]*>)?)(\??)(?=[,)=\s]|$)", re.M)
    for text in texts:
        for match in pattern.finditer(text):
            if match.group(4) == "?":
                kind = "nil"
            elif match.group(3) == "Bool":
                kind = "Bool"
            elif match.group(3).startswith("[") and ":" not in match.group(3):
                kind = "[]"
            else:
                kind = "other"
            kinds.setdefault(match.group(1), set()).add(kind)
    return {label: kind.pop() for label, kind in kinds.items() if len(kind) == 1 and kind != {"other"}}
