"""Kill rates by room and by operator, and the survivors against those that are argued."""

import os

from campaign import Outcome
from tree import room

# Why a survivor survives: nobody can tell; a checker would have to look at what it does; a draw would have to bring
# about where it matters.
VERDICTS = {"equivalent", "checker", "draw"}


class Argued:
    """`survivors.tsv`: name, verdict, place, operator, original, mutated, reason."""

    def __init__(self, path):
        self.path = path
        self.rows = {}
        self.problems = []
        if not os.path.exists(path):
            return
        with open(path) as file:
            for number, line in enumerate(file.read().splitlines(), 1):
                if not line or line.startswith("#"):
                    continue
                fields = line.split("\t")
                if len(fields) != 7 or fields[1] not in VERDICTS or not fields[6]:
                    self.problems.append(f"{path}:{number}: expected name, verdict ({'|'.join(sorted(VERDICTS))}), "
                                         "place, operator, original, mutated and reason, with tabs between")
                    continue
                self.rows[fields[0]] = fields

    def verdict(self, name):
        return self.rows[name][1] if name in self.rows else None


def read_results(path):
    """The last outcome of each mutant."""
    found = {}
    if os.path.exists(path):
        with open(path) as file:
            for line in file:
                if line.count("\t") == 7:
                    outcome = Outcome.read(line)
                    found[outcome.name] = outcome
    return found


def _table(title, rows):
    head = [title, "mutants", "unreached", "run", "killed", "of them by laws", "by costs", "equivalent", "left", "killed of run",
            "with costs, of those not equivalent"]
    texts = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    lines = []
    for number, row in enumerate(texts):
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("| " + " | ".join(cells) + " |")
        if number == 0:
            lines.append("|" + "|".join(["-" * (widths[0] + 2)] + ["-" * (w + 1) + ":" for w in widths[1:]]) + "|")
    return "\n".join(lines)


def _percent(part, whole):
    return f"{100 * part / whole:.1f}%" if whole else "-"


def _row(name, outcomes, argued):
    unreached = sum(o.status == "unreached" for o in outcomes)
    killed = sum(o.status == "killed" for o in outcomes)
    laws = sum(o.status == "killed" and o.how.startswith("laws") for o in outcomes)
    ran = len(outcomes) - unreached
    costly = sum(overspent(o) is not None for o in outcomes)
    equivalent = sum(
        o.status == "survived" and not overspent(o) and argued.verdict(o.name) == "equivalent" for o in outcomes)
    left = ran - killed - costly - equivalent
    return [name, len(outcomes), unreached, ran, killed, laws, costly, equivalent, left, _percent(killed, ran),
            _percent(killed + costly, ran - equivalent)]


# How far the sum of a cost over all runs of a mutant may be from what it is without it. A survivor outside breaks no
# promise that a checker knows, and is noticed all the same: it answers less, or sends what nobody needs.
BUDGETS = {
    "foregroundMessages": (0.95, 1.05), "foregroundBytes": (0.88, 1.12), "membershipMessages": (0.95, 1.05),
    "membershipBytes": (0.85, 1.15), "syncMessages": (0.8, 1.25), "syncBytes": (0.8, 1.25),
    "hintsMessages": (0.6, 1.6), "transferMessages": (0.6, 1.6), "inputs": (0.94, 1.06), "operations": (0.96, 1.04),
    "unanswered": (0.75, 1.35), "convergence": (0.65, 1.5),
}
# Fewer sums swing too much.
LEAST_RUNS = 5
LEAST_COST = 200


def overspent(outcome):
    """The first cost of a survivor that is out of its budget, as `name 1.52`, or `None`."""
    if outcome.status != "survived" or outcome.differed < LEAST_RUNS:
        return None
    for word in outcome.costs.split():
        name, figures = word.split("=")
        taken, before = (int(number) for number in figures.split("/"))
        if name in BUDGETS and before >= LEAST_COST:
            low, high = BUDGETS[name]
            if not low <= taken / before <= high:
                return f"{name} {taken / before:.2f}"
    return None


def tables(sites, results, argued):
    groups = {"room": {}, "operator": {}}
    known = [(site, results[site.name]) for site in sites if site.name in results]
    for site, outcome in known:
        groups["room"].setdefault(room(site), []).append(outcome)
        groups["operator"].setdefault(site.operator, []).append(outcome)
    text = []
    for title, group in groups.items():
        rows = [_row(name, group[name], argued) for name in sorted(group)]
        rows.append(_row("all", [outcome for _, outcome in known], argued))
        text.append(_table(title, rows))
    return "\n\n".join(text)


def killers(results):
    """Which checkers found how many first, most first."""
    counts = {}
    for outcome in results.values():
        if outcome.status == "killed":
            name = outcome.how.split(":")[0]
            for part in name.split(","):
                counts[part] = counts.get(part, 0) + 1
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda c: (-c[1], c[0])))


def survivors(sites, results):
    """Those that nobody noticed, by no checker and by no cost."""
    return [(site, results[site.name]) for site in sorted(sites, key=lambda s: (s.path, s.start, s.name))
            if site.name in results and results[site.name].status == "survived" and not overspent(results[site.name])]


def line_of(site, outcome):
    effect = "the same hashes" if outcome.differed == 0 else f"{outcome.differed} other hashes"
    return (f"{site.name} {site.path}:{site.line} {site.function} {site.operator}: {site.original} -> "
            f"{site.mutated or '(nothing)'} [{outcome.tried} runs, {effect}]")


def row_of(site, verdict, reason):
    place = f"{site.path.rsplit('/', 1)[-1]} {site.function}"
    return "\t".join((site.name, verdict, place, site.operator, site.original, site.mutated or "(nothing)", reason))
