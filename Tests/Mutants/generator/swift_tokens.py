"""Tokens of a Swift file, with brackets matched: as much of the language as finding mutation sites needs."""

import re
from dataclasses import dataclass

OPERATOR_CHARACTERS = set("+-*/%=<>&|^~")
IDENTIFIER = re.compile(r"`?[A-Za-z_$][A-Za-z0-9_]*`?")
NUMBER = re.compile(r"0[xob][0-9A-Fa-f_]+|[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?")
OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = {")", "]", "}"}


@dataclass
class Token:
    kind: str  # "name", "number", "string", "operator", "mark"
    text: str
    start: int
    end: int
    # Whether white space (or the file's end) is beside it.
    spaced_before: bool = False
    spaced_after: bool = False
    # Whether it is the first of its line.
    begins_line: bool = False
    # Index of the bracket that encloses it, or -1.
    parent: int = -1
    # Of a bracket: the index of its other half.
    partner: int = -1

    @property
    def is_binary(self):
        return self.kind == "operator" and self.spaced_before and self.spaced_after


class TokenError(Exception):
    pass


def _string_end(text, start):
    """Where a string literal ends; interpolations may hold strings of their own."""
    hashes = 0
    while text[start + hashes] == "#":
        hashes += 1
    fence = "#" * hashes
    at = start + hashes
    quote = '"""' if text.startswith('"""', at) else '"'
    at += len(quote)
    escape = "\\" + fence
    while at < len(text):
        if text.startswith(quote + fence, at):
            return at + len(quote) + hashes
        if text.startswith(escape, at):
            at += len(escape)
            if text[at] == "(":
                at = _group_end(text, at)
            else:
                at += 1
        else:
            at += 1
    raise TokenError(f"a string that begins at {start} does not end")


def _group_end(text, start):
    depth = 0
    at = start
    while at < len(text):
        if text[at] == '"':
            at = _string_end(text, at)
            continue
        if text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise TokenError(f"an interpolation that begins at {start} does not end")


def _comment_end(text, start):
    if text.startswith("//", start):
        end = text.find("\n", start)
        return len(text) if end < 0 else end
    depth = 0
    at = start
    while at < len(text):
        if text.startswith("/*", at):
            depth += 1
            at += 2
        elif text.startswith("*/", at):
            depth -= 1
            at += 2
            if depth == 0:
                return at
        else:
            at += 1
    raise TokenError(f"a comment that begins at {start} does not end")


def _token_end(text, at):
    """The kind and the end of the token at a place that is neither space nor comment."""
    character = text[at]
    if character == '"' or re.match(r'#+"', text[at : at + 8]):
        return "string", _string_end(text, at)
    match = IDENTIFIER.match(text, at)
    if match:
        return "name", match.end()
    match = NUMBER.match(text, at)
    if match:
        return "number", match.end()
    if text.startswith("...", at) or text.startswith("..<", at):
        return "operator", at + 3
    if text.startswith("??", at) or text.startswith("!=", at):
        return "operator", at + (3 if text.startswith("!==", at) else 2)
    if character in OPERATOR_CHARACTERS:
        end = at
        while end < len(text) and text[end] in OPERATOR_CHARACTERS and not text.startswith("//", end):
            end += 1
        return "operator", end
    if character in "?!":
        return "operator", at + 1
    return "mark", at + 1


def tokens(text):
    found = []
    at = 0
    open_brackets = []
    begins_line = True
    while at < len(text):
        if text[at].isspace():
            begins_line = begins_line or text[at] == "\n"
            at += 1
            continue
        if text.startswith("//", at) or text.startswith("/*", at):
            at = _comment_end(text, at)
            continue
        kind, end = _token_end(text, at)
        token = Token(kind, text[at:end], at, end)
        token.spaced_before = at == 0 or text[at - 1].isspace()
        token.spaced_after = end >= len(text) or text[end].isspace()
        token.begins_line = begins_line
        begins_line = False
        index = len(found)
        found.append(token)
        if kind == "mark" and token.text in CLOSING:
            if not open_brackets:
                raise TokenError(f"a bracket at {at} closes nothing")
            opening = open_brackets.pop()
            if OPENING[found[opening].text] != token.text:
                raise TokenError(f"the bracket at {at} closes another kind than that at {found[opening].start}")
            token.partner = opening
            found[opening].partner = index
        token.parent = open_brackets[-1] if open_brackets else -1
        if kind == "mark" and token.text in OPENING:
            open_brackets.append(index)
        at = end
    if open_brackets:
        raise TokenError(f"the bracket at {found[open_brackets[-1]].start} is not closed")
    return found
