"""Writes a file with its mutants: nested sites live in the branch that is not mutated."""

from bisect import bisect_right

from site_words import NUMBER, Live, Raw


def nest(sites, drop):
    """A forest of sites by their spans; what crosses another site, or lies where it is not alive, goes to `drop`."""
    roots = []
    stack = []
    for site in sorted(sites, key=lambda s: (s.start, -s.end, s.start == s.end and s.operator != "early-return")):
        site.inner = []
        while stack and not _holds(stack[-1], site):
            stack.pop()
        if stack and not _is_alive(stack[-1], site):
            drop.append(site)
            continue
        siblings = stack[-1].inner if stack else roots
        if siblings and siblings[-1].end > site.start:
            drop.append(site)
            continue
        siblings.append(site)
        if site.end > site.start:
            stack.append(site)
    return roots


def _holds(outer, inner):
    return outer.start <= inner.start and inner.end <= outer.end and not (
        inner.start == inner.end and inner.start in (outer.start, outer.end))


def _is_alive(outer, inner):
    return any(
        isinstance(part, Live) and part.start <= inner.start and inner.end <= part.end for part in outer.parts)


class Writer:
    def __init__(self, text, roots):
        self.text = text
        self.roots = roots
        self.pieces = []
        self.length = 0
        # (start, end, site) in the written text.
        self.spans = []

    def write(self):
        self._copy(0, len(self.text), self.roots)
        return "".join(self.pieces)

    def _put(self, text):
        self.pieces.append(text)
        self.length += len(text)

    def _copy(self, start, end, sites):
        at = start
        for site in sites:
            if site.start < start or site.end > end:
                continue
            self._put(self.text[at : site.start])
            self._site(site)
            at = site.end
        self._put(self.text[at:end])

    def _site(self, site):
        begun = self.length
        for part in site.parts:
            if part is NUMBER:
                self._put(str(site.number))
            elif isinstance(part, str):
                self._put(part)
            elif isinstance(part, Raw):
                self._put(self.text[part.start : part.end])
            else:
                self._copy(part.start, part.end, site.inner)
        self.spans.append((begun, self.length, site))


class Written:
    """A file as it was written, to find the sites that an error is about."""

    def __init__(self, text, spans):
        self.spans = spans
        self.starts = [0]
        for index, character in enumerate(text):
            if character == "\n":
                self.starts.append(index + 1)

    def line(self, offset):
        return bisect_right(self.starts, offset)

    def blamed(self, line, column):
        """The innermost site at a place, else the nearest ones: on the line, then above it."""
        if line > len(self.starts):
            return []
        offset = self.starts[line - 1] + column - 1
        holding = [span for span in self.spans if span[0] <= offset < max(span[1], span[0] + 1)]
        if holding:
            return [min(holding, key=lambda span: span[1] - span[0])[2]]
        on_line = [span[2] for span in self.spans if self.line(span[0]) <= line <= self.line(span[1])]
        if on_line:
            return on_line
        near = [span for span in self.spans if span[0] <= offset]
        return [max(near, key=lambda span: span[0])[2]] if near else []
