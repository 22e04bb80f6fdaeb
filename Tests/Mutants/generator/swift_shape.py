"""What a file's tokens mean: which braces hold code, in which function, and where statements begin and end.

It relies on the style that the formatter keeps: a statement begins on a line of its own, after a brace or a case's
colon, and operators between two operands have spaces around them.
"""

from dataclasses import dataclass, field

from swift_tokens import tokens

TYPE_WORDS = {"struct", "class", "enum", "extension", "protocol", "actor"}
# A line that begins with one of these goes on with the statement before it.
CONTINUES_BEFORE = {"else", "where", "as", "is", "catch"}
# A line after one of these goes on with the statement.
CONTINUES_AFTER = {"in", "return", "throws", "try", "else", "case", "let", "var", "where", "as", "is"}


@dataclass
class Statement:
    first: int
    # Index after its last token.
    end: int


@dataclass
class Block:
    """A pair of braces that holds code."""

    opening: int
    closing: int
    # The tokens from the beginning of its statement to the brace.
    header: tuple
    # "function", "accessor", "control", "closure", "switch" or "other".
    kind: str
    function: str
    statements: list = field(default_factory=list)


class SwiftFile:
    def __init__(self, text):
        self.text = text
        self.tokens = tokens(text)
        self.blocks = []
        self._scan(0, len(self.tokens), in_code=False, function="")

    def word(self, index):
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def source(self, first, end):
        return self.text[self.tokens[first].start : self.tokens[end - 1].end]

    # Statements

    def _goes_on(self, index, first):
        """Whether the line that begins with the token goes on with the statement that begins at `first`."""
        token, before = self.tokens[index], self.tokens[index - 1]
        if token.text in CONTINUES_BEFORE or token.text in {".", "?", ":", "{"}:
            return not (token.text == "{" and before.text == "}")
        if token.is_binary or (token.kind == "operator" and token.text in {"&&", "||", "??", "="}):
            return True
        if before.is_binary or before.text in {",", "(", "[", "->"}:
            return True
        if before.text == ":" and self.tokens[first].text not in {"case", "default"}:
            return True
        if before.text in {"=", "&&", "||", "??"}:
            return True
        return before.kind == "name" and before.text in CONTINUES_AFTER

    def _statements(self, start, end):
        """The statements between two indices of one pair of braces."""
        found = []
        index = start
        while index < end:
            first = index
            label = self.tokens[index].text in {"case", "default"} or (
                self.tokens[index].text == "@" and self.word(index + 1) == "unknown")
            ended_by_colon = False
            while index < end:
                token = self.tokens[index]
                if index > first and token.begins_line and not self._goes_on(index, first):
                    break
                if token.text == ";":
                    break
                if label and token.text == ":" and token.kind == "mark":
                    index += 1
                    ended_by_colon = True
                    break
                index = token.partner + 1 if token.partner > index else index + 1
            if index > first:
                found.append(Statement(first, index))
            if not ended_by_colon and index < end and self.tokens[index].text == ";":
                index += 1
        return found

    # Blocks

    def _modifierless(self, first, end):
        """The first word of a statement that is no attribute or modifier."""
        index = first
        modifiers = {
            "public", "package", "internal", "private", "fileprivate", "final", "static", "mutating", "nonmutating",
            "override", "convenience", "required", "indirect", "lazy", "weak", "unowned", "nonisolated", "consuming",
            "borrowing", "open",
        }
        while index < end:
            word = self.word(index)
            if word == "@":
                index += 2
                if self.word(index) == "(":
                    index = self.tokens[index].partner + 1
            elif word in modifiers:
                index += 1
                if self.word(index) == "(":
                    index = self.tokens[index].partner + 1
            else:
                return index
        return first

    def _scan(self, start, end, in_code, function):
        for statement in self._statements(start, end):
            self._scan_statement(statement, in_code, function)

    def _scan_statement(self, statement, in_code, function):
        head = self._modifierless(statement.first, statement.end)
        word = self.word(head)
        if not in_code and word in TYPE_WORDS and self.word(head + 1) not in {"func", "var"}:
            brace = self._first_brace(head, statement.end)
            if brace is not None:
                self._scan(brace + 1, self.tokens[brace].partner, False, self.word(head + 1))
            return
        if not in_code and word in {"func", "init", "deinit", "subscript"}:
            name = self.word(head + 1) if word == "func" else word
            brace = self._first_brace(head, statement.end)
            if brace is None:
                return
            kind = "accessor" if word == "subscript" else "function"
            self._add_block(brace, (statement.first, brace), kind, f"{function}.{name}".lstrip("."))
            return
        if not in_code and word in {"var", "let"}:
            name = f"{function}.{self.word(head + 1)}".lstrip(".")
            self._scan_braces(statement, name, outer="accessor")
            return
        if in_code and word == "func":
            brace = self._first_brace(head, statement.end)
            if brace is not None:
                self._add_block(brace, (statement.first, brace), "function", f"{function}.{self.word(head + 1)}")
            return
        if in_code:
            self._scan_braces(statement, function, outer=None)

    def _first_brace(self, first, end):
        index = first
        while index < end:
            token = self.tokens[index]
            if token.text == "{" and token.kind == "mark":
                return index
            index = token.partner + 1 if token.partner > index else index + 1
        return None

    def _scan_braces(self, statement, function, outer):
        """All braces of a statement hold code."""
        index = statement.first
        word = self.word(statement.first)
        while index < statement.end:
            token = self.tokens[index]
            if token.text == "{" and token.kind == "mark":
                parent = self.tokens[statement.first].parent
                kind = "closure"
                if token.parent == parent:
                    if outer:
                        kind = outer
                    elif word in {"if", "guard", "for", "while", "do", "defer", "repeat"}:
                        kind = "control"
                    elif word == "switch":
                        kind = "switch"
                    elif self.word(index - 1) in {"else", "do"}:
                        kind = "other"
                    elif any(self.word(i) in {"if", "switch"} for i in range(statement.first, index)):
                        kind = "other"
                self._add_block(index, (statement.first, index), kind, function)
                index = token.partner + 1
            else:
                index += 1

    def _add_block(self, brace, header, kind, function):
        closing = self.tokens[brace].partner
        start = brace + 1
        if kind == "closure":
            start = self._after_signature(start, closing)
        block = Block(brace, closing, header, kind, function, self._statements(start, closing))
        self.blocks.append(block)
        for statement in block.statements:
            self._scan_statement(statement, True, function)

    def _after_signature(self, start, closing):
        """A closure's parameters end with `in`, on the brace's line."""
        for index in range(start, min(closing, start + 40)):
            token = self.tokens[index]
            if index > start and token.begins_line:
                return start
            if token.text == "in" and token.parent == start - 1:
                head = self.word(start)
                return start if head in {"for"} else index + 1
        return start
