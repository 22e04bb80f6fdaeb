"""Mutation sites: where a file can be wrong in a small way, and the text that makes it so when the mutant is chosen."""

import hashlib
import re

from site_words import (
    ASSIGNMENTS, COMPARISONS, EQUALITIES, IDEMPOTENT, NO_EFFECT_WORDS, NUMBER, STOP_WORDS, UNSEEN_CALLS,
    UNSEEN_FUNCTIONS, UNSEEN_STATEMENTS, Live, Raw, Site, squeezed,
)
from swift_shape import SwiftFile


class SiteFinder:
    """All sites of one file."""

    def __init__(self, path, text, labels):
        self.path = path
        self.file = SwiftFile(text)
        self.tokens = self.file.tokens
        self.labels = labels
        self.sites = []
        self.starts = set()
        self.ends = set()
        self.function_of = {}
        for block in self.file.blocks:
            for statement in block.statements:
                self.starts.add(statement.first)
                self.ends.add(statement.end)
            # Blocks come before those within them.
            for index in range(block.opening, block.closing):
                self.function_of[index] = block.function
        self.unseen = self._unseen()

    def find(self):
        for block in self.file.blocks:
            if block.function.split(".")[-1] in UNSEEN_FUNCTIONS:
                continue
            self._block(block)
        for index in sorted(self.function_of):
            if index not in self.unseen and self.function_of[index].split(".")[-1] not in UNSEEN_FUNCTIONS:
                self._token(index)
        return self._named()

    def _unseen(self):
        unseen = set()
        for index, token in enumerate(self.tokens):
            if token.kind == "name" and token.text in UNSEEN_CALLS and self._word(index + 1) == "(":
                unseen.update(range(index, self.tokens[index + 1].partner + 1))
        for block in self.file.blocks:
            for statement in block.statements:
                text = self.file.source(statement.first, statement.end)
                if UNSEEN_STATEMENTS.match(text) or ".reserveCapacity(" in text and "\n" not in text:
                    unseen.update(range(statement.first, statement.end))
                if text.startswith(("case ", "default")) and text.endswith(":"):
                    where = [i for i in range(statement.first, statement.end) if self._word(i) == "where"]
                    unseen.update(range(statement.first, where[0] if where else statement.end))
        return unseen

    def _word(self, index):
        return self.file.word(index)

    def _add(self, operator, first, end, parts, mutated, original=None):
        start, stop = self.tokens[first].start, self.tokens[end - 1].end
        self._insert(operator, start, stop, parts, mutated, original or self.file.text[start:stop], first)

    def _insert(self, operator, start, stop, parts, mutated, original, index):
        function = self.function_of.get(index, "")
        site = Site(operator, start, stop, parts, function, squeezed(original), squeezed(mutated))
        site.path = self.path
        site.line = self.file.text.count("\n", 0, start) + 1
        self.sites.append(site)

    def _spans(self, first, end):
        start, stop = self.tokens[first].start, self.tokens[end - 1].end
        return Raw(start, stop), Live(start, stop), self.file.text[start:stop]

    # Names

    def _named(self):
        seen = {}
        for site in sorted(self.sites, key=lambda s: (s.start, -s.end)):
            key = (self.path.rsplit("/", 1)[-1], site.function, site.operator, site.original, site.mutated)
            ordinal = seen.get(key, 0)
            seen[key] = ordinal + 1
            site.name = hashlib.sha256("\0".join((*key, str(ordinal))).encode()).hexdigest()[:12]
        return self.sites

    # Statements and blocks

    def _block(self, block):
        previous = None
        for statement in block.statements:
            if statement.first in self.unseen:
                previous = None
                continue
            self._conditions(statement)
            is_effect = self._statement(block, statement)
            # Of two assignments the order hardly ever matters.
            is_call = is_effect and self._assignment(statement) is None
            if is_effect and previous is not None and (is_call or self._assignment(previous) is None):
                self._swap(previous, statement)
                previous = None
            else:
                previous = statement if is_effect else None
            if self._word(statement.first) in {"for", "while"}:
                self._loop(statement)
        if block.kind in {"function", "accessor"}:
            self._body(block)

    def _assignment(self, statement):
        index = statement.first
        while index < statement.end:
            token = self.tokens[index]
            if token.kind == "operator" and token.text in ASSIGNMENTS and token.is_binary:
                return index
            index = token.partner + 1 if token.partner > index else index + 1
        return None

    def _statement(self, block, statement):
        """Effects lost and doubled. Returns whether the statement is an effect."""
        token = self.tokens[statement.first]
        if token.kind != "name" or token.text in NO_EFFECT_WORDS:
            return False
        assignment = self._assignment(statement)
        if assignment is None and self._word(statement.end - 1) not in {")", "}"}:
            return False
        has_value = block.kind in {"closure", "accessor"} or (block.kind == "function" and self._returns(block))
        # A function's only effect is lost where it returns at once.
        if (has_value or block.kind == "function") and len(block.statements) == 1:
            return False
        if block.function.endswith("init") and assignment is not None:
            return False
        raw, live, text = self._spans(statement.first, statement.end)
        self._add("effect-lost", statement.first, statement.end, ["if !mutant(", NUMBER, ") { ", live, " }"], "")
        operator = self._word(assignment) if assignment is not None else None
        callees = {self._word(i - 1) for i in range(statement.first, statement.end) if self._word(i) == "("}
        if operator in {"+=", "-="} or (operator is None and not callees & IDEMPOTENT):
            parts = [live, "; if mutant(", NUMBER, ") { ", raw, " }"]
            self._add("effect-doubled", statement.first, statement.end, parts, f"{text}; {text}")
        if operator in {"+=", "-="}:
            other = {"+=": "-=", "-=": "+="}[operator]
            left, right = self._spans(statement.first, assignment)[0], self._spans(assignment + 1, statement.end)[0]
            parts = ["if mutant(", NUMBER, ") { ", left, f" {other} ", right, " } else { ", live, " }"]
            self._add("arithmetic", statement.first, statement.end, parts, text.replace(operator, other, 1))
        return True

    def _swap(self, first, second):
        raw_1, live_1, text_1 = self._spans(first.first, first.end)
        raw_2, live_2, text_2 = self._spans(second.first, second.end)
        parts = ["if mutant(", NUMBER, ") { ", raw_2, "; ", raw_1, " } else { ", live_1, "; ", live_2, " }"]
        self._add("reordered", first.first, second.end, parts, f"{text_2}; {text_1}", f"{text_1}; {text_2}")

    def _returns(self, block):
        first, end = block.header
        return any(self.tokens[i].text == "->" and self.tokens[i].parent == self.tokens[block.opening].parent
                   for i in range(first, end))

    def _loop(self, statement):
        brace = self.file._first_brace(statement.first, statement.end)
        if brace is None or self.tokens[brace].partner == brace + 1:
            return
        closing = self.tokens[brace].partner
        start = self.tokens[closing].start
        header = self.file.source(statement.first, brace)
        self._insert("loop-once", start, start, ["\nif mutant(", NUMBER, ") { break }\n"],
                     f"{header} once", header, brace + 1)

    def _body(self, block):
        """Returns at once, where what is returned is obvious."""
        first, end = block.header
        header = self.file.source(first, end)
        if not block.statements or any(self._word(i) in {"init", "deinit", "set", "get"} for i in range(first, end)):
            return
        if self._word(block.statements[0].first) in {"get", "set", "didSet", "willSet", "_read", "_modify", "yield"}:
            return
        values = []
        if block.kind == "function" and not self._returns(block):
            values = [""]
        else:
            kind = re.search(r"(?:->|:)\s*([\w.\[\]: ]+\??)\s*(?:where.*)?$", squeezed(header, 4000))
            if kind is None:
                return
            if kind.group(1) == "Bool":
                values = [" true", " false"]
            elif kind.group(1).endswith("?"):
                values = [" nil"]
            elif kind.group(1).startswith("["):
                values = [" []"]
        first = block.statements[0]
        if values and values != [""] and len(block.statements) == 1 and self._is_value(first):
            return self._lone_value(first, values)
        place = self.tokens[block.opening].end
        for value in values:
            parts = [" if mutant(", NUMBER, f") {{ return{value} }};"]
            self._insert("early-return", place, place, parts, f"return{value}", f"body of {block.function}",
                         block.opening)

    def _is_value(self, statement):
        words = {"return", "guard", "for", "while", "do", "throw", "if", "switch"}
        return self._word(statement.first) not in words

    def _lone_value(self, statement, values):
        """The body is its value alone, without the word `return`."""
        _, live, text = self._spans(statement.first, statement.end)
        if text in {"true", "false", "nil", "[]"}:
            return
        calls = {" true": "mutantPasses", " false": "mutantBlocks"}
        for value in values:
            if value in calls:
                parts = [f"{calls[value]}(", NUMBER, ", ", live, ")"]
            else:
                parts = ["(mutant(", NUMBER, f") ?{value} : ", live, ")"]
            self._add("early-return", statement.first, statement.end, parts, f"return{value}")

    # Conditions

    def _conditions(self, statement):
        parent = self.tokens[statement.first].parent
        index = statement.first
        while index < statement.end:
            token = self.tokens[index]
            if token.kind == "name" and token.parent == parent and self._word(index - 1) not in {".", "#"}:
                if token.text in {"if", "guard", "while"}:
                    index = self._clauses(token.text, index + 1, statement.end)
                    continue
                if token.text == "where" and self._word(statement.first) in {"for", "case", "if", "guard"}:
                    index = self._clauses("where", index + 1, statement.end)
                    continue
            index = token.partner + 1 if token.partner > index else index + 1

    def _clauses(self, word, index, end):
        first = index
        while index < end:
            token = self.tokens[index]
            ends = token.text in {"{", "else", ","} or (token.text == ":" and word == "where")
            if ends and token.kind in {"mark", "name"}:
                if index > first:
                    self._clause(word, first, index)
                if token.text != "," or word == "where":
                    return index
                first = index + 1
            index = token.partner + 1 if token.partner > index else index + 1
        if word == "where" and index > first:
            self._clause(word, first, min(index, end))
        return index

    def _clause(self, word, first, end):
        if self._word(first) in {"let", "var", "case", "#", "_"}:
            return
        _, live, text = self._spans(first, end)
        depth = self.tokens[first].parent
        operators = {self.tokens[i].text for i in range(first, end) if self.tokens[i].parent == depth}
        if not operators & set(EQUALITIES) or operators & {"&&", "||"}:
            self._add("condition-negated", first, end, ["mutantNegates(", NUMBER, ", ", live, ")"], f"!({text})")
        if word == "guard":
            self._add("guard-dropped", first, end, ["mutantPasses(", NUMBER, ", ", live, ")"], "true")
        if word in {"if", "where"}:
            self._add("branch-lost", first, end, ["mutantBlocks(", NUMBER, ", ", live, ")"], "false")

    # Expressions

    def _left(self, index, stops):
        """The first token of the operand that ends before the operator at `index`."""
        parent = self.tokens[index].parent
        at = index - 1
        first = index
        while at > parent:
            token = self.tokens[at]
            if token.partner >= 0 and token.partner < at:
                at = token.partner
                token = self.tokens[at]
                if token.text == "{":
                    return None
            elif self._stops(token, stops):
                break
            first = at
            if at in self.starts:
                break
            at -= 1
        return first if first < index else None

    def _right(self, index, stops):
        """The index after the operand that begins after the operator at `index`."""
        parent = self.tokens[index].parent
        limit = self.tokens[parent].partner if parent >= 0 else len(self.tokens)
        at = index + 1
        while at < limit:
            token = self.tokens[at]
            if at > index + 1 and (at in self.ends or at in self.starts):
                break
            if token.text == "{" or self._stops(token, stops):
                break
            at = token.partner + 1 if token.partner > at else at + 1
        return at if at > index + 1 else None

    def _stops(self, token, stops):
        if token.kind == "mark":
            return token.text in {",", ";", ":"}
        if token.kind == "name":
            return token.text in STOP_WORDS
        if token.kind != "operator":
            return False
        if token.text == "?" and token.spaced_before and token.spaced_after:
            return True
        return token.text in stops or token.text in ASSIGNMENTS or token.text == "->"

    def _binary(self, operator, index, other, left_stops, right_stops):
        first, end = self._left(index, left_stops), self._right(index, right_stops)
        if first is None or end is None:
            return
        token = self.tokens[index]
        _, live, text = self._spans(first, end)
        left, right = Raw(live.start, token.start), Raw(token.end, live.end)
        parts = ["(mutant(", NUMBER, ") ? ", left, other, right, " : ", live, ")"]
        mutated = self.file.text[left.start : left.end] + other + self.file.text[right.start : right.end]
        self._add(operator, first, end, parts, mutated)

    def _token(self, index):
        token = self.tokens[index]
        if token.kind == "operator":
            self._operator(index, token)
        elif token.kind == "name":
            self._name(index, token)
        elif token.kind == "number" and token.text == "1":
            before, after = self.tokens[index - 1], self.tokens[index + 1]
            if (before.is_binary and before.text in {"+", "-"}) or (after.is_binary and after.text == "+"):
                self._add("one-dropped", index, index + 1, ["(mutant(", NUMBER, ") ? 0 : 1)"], "0",
                          self._near(index))
        elif token.text == ":" and self._word(index - 2) in {"(", ","} and token.parent >= 0:
            if self._word(token.parent) == "(":
                self._argument(index)

    def _near(self, index):
        first = max(0, index - 4)
        return self.file.source(first, min(len(self.tokens), index + 3))

    def _operator(self, index, token):
        logic = {"&&", "||"}
        if token.is_binary and token.text in COMPARISONS:
            self._binary("off-by-one", index, COMPARISONS[token.text], logic, logic)
        elif token.is_binary and token.text in EQUALITIES:
            self._binary("equality-negated", index, EQUALITIES[token.text], logic, logic)
        elif token.is_binary and token.text == "&&":
            self._binary("logic-swapped", index, "||", {"||"}, logic)
        elif token.is_binary and token.text == "||":
            self._binary("logic-swapped", index, "&&", set(), {"||"})
        elif token.text == "?" and token.spaced_before and token.spaced_after:
            first = self._left(index, set())
            if first is not None:
                if {self.tokens[i].text for i in range(first, index)} & set(EQUALITIES):
                    return
                _, live, text = self._spans(first, index)
                self._add("condition-negated", first, index, ["mutantNegates(", NUMBER, ", ", live, ")"], f"!({text})")

    def _name(self, index, token):
        before = self._word(index - 1)
        if token.text in {"true", "false"} and before != ".":
            other = {"true": "false", "false": "true"}[token.text]
            prefix = "!" if token.text == "true" else ""
            self._add("flag-flipped", index, index + 1, [f"{prefix}mutant(", NUMBER, ")"], other, self._near(index))
        if token.text in {"min", "max"} and before != "." and self._word(index + 1) == "(":
            other = {"min": "max", "max": "min"}[token.text]
            end = self.tokens[index + 1].partner + 1
            raw, live, _ = self._spans(index + 1, end)
            parts = ["(mutant(", NUMBER, f") ? {other}", raw, f" : {token.text}", live, ")"]
            self._add("extreme-swapped", index, end, parts, other + self.file.source(index + 1, end))

    def _argument(self, colon):
        """A field that is not copied, a wait that is none."""
        label = self._word(colon - 1)
        parent = self.tokens[colon].parent
        end = colon + 1
        while end < self.tokens[parent].partner and self._word(end) != ",":
            end = self.tokens[end].partner + 1 if self.tokens[end].partner > end else end + 1
        if end <= colon + 1 or self._word(colon + 1) in {"let", "var", "_", "nil", "true", "false", "{", "&", "consume"}:
            return
        raw, live, text = self._spans(colon + 1, end)
        callee = self._word(parent - 1)
        if (callee == "advanced" and label == "by") or (label == "after" and "imer" in callee):
            self._value("wait-lost", colon + 1, end, live, ".zero", f"{label}: {text}")
            return
        kind = self.labels.get(label)
        if "{" in text or kind is None or callee in {"if", "switch"}:
            return
        if kind == "Bool":
            parts = ["mutantNegates(", NUMBER, ", ", live, ")"]
            self._add("argument-lost", colon + 1, end, parts, f"{label}: !({text})", f"{label}: {text}")
        elif text not in {"nil", "[]"}:
            self._value("argument-lost", colon + 1, end, live, kind, f"{label}: {text}")

    def _value(self, operator, first, end, live, value, original):
        parts = ["(mutant(", NUMBER, f") ? {value} : ", live, ")"]
        self._add(operator, first, end, parts, value, original)
