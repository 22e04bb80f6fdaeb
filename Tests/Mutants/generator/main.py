"""Mutants of the node core: builds one program that holds them all, and runs simulations over each."""

import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from campaign import Campaign  # noqa: E402
from report import Argued, killers, line_of, overspent, read_results, row_of, survivors, tables  # noqa: E402
from tree import Tree, room  # noqa: E402

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))


def say(text):
    print(text, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/mutants",
        description="Makes many small mutations of the node core in one program over a copy of the sources, runs "
        "simulations over each, and fails where one survives that Tests/Mutants/survivors.tsv does not list.")
    parser.add_argument("--rooms", metavar="TEXT", action="append", default=[],
                        help="only mutants of folders that contain the text, as Replication/Hints; may be repeated")
    parser.add_argument("--operators", metavar="NAME", action="append", default=[], help="only mutants of this kind")
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="only the mutant of this name")
    parser.add_argument("--short", action="store_true", help="a fixed sample of mutants that are killed fast")
    parser.add_argument("--density", type=float, default=0.2,
                        help="the share of all sites that is built in (small rooms have more); 0.2 by default")
    parser.add_argument("--runs", type=int, default=40, help="simulations of a mutant, at most; 40 by default")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once; 2 by default")
    parser.add_argument("--minutes", type=float, help="begins no mutant after this long")
    parser.add_argument("--resume", action="store_true", help="keeps the outcomes there are, and goes on with the rest")
    parser.add_argument("--again", action="store_true", help="with --resume: runs survivors again")
    parser.add_argument("--list", action="store_true", help="lists the sites and builds nothing")
    parser.add_argument("--build-only", action="store_true", help="builds and runs nothing")
    parser.add_argument("--built", action="store_true", help="runs what was built last and builds nothing")
    parser.add_argument("--report", action="store_true", help="only prints the tables of the outcomes there are")
    parser.add_argument("--survivors", metavar="FILE",
                        help="writes rows for survivors.tsv of those that are not listed, to be argued")
    return parser.parse_args()


def main():
    options = arguments()
    folder = os.path.join(REPOSITORY, ".build-mutants")
    os.makedirs(folder, exist_ok=True)
    here = os.path.join(REPOSITORY, "Tests", "Mutants")
    argued = Argued(os.path.join(here, "survivors.tsv"))
    for problem in argued.problems:
        say(problem)
    tree = Tree(REPOSITORY, folder, options.density)
    tree.find()
    names = short_names(here) if options.short else None
    # With --built the program that holds all mutants will do.
    if options.short and not options.built:
        tree.take([site for site in tree.all_sites if site.name in names])
        say(f"{len(tree.sites)} of {len(names)} mutants of short.txt are there")
        if len(tree.sites) < len(names) // 2:
            say("mutants: the sources have changed much since short.txt was written: write it anew")
            return 1
    if options.list:
        for site in sorted(tree.sites, key=lambda s: (s.path, s.start)):
            print(f"{site.name}\t{site.path}:{site.line}\t{site.operator}\t{site.original}\t{site.mutated}")
        say(f"{len(tree.sites)} of {tree.found} sites")
        return 0
    if options.report:
        tree.number()
        return conclude(tree, chosen(tree, options, names), options, argued)
    say(f"{len(tree.sites)} of {tree.found} sites are built in")
    if options.built:
        if not tree.numbered_as_built():
            say("mutants: the sources or the choice of sites are others than when it was built; leave out --built")
            return 1
    elif not tree.build(say):
        say("mutants: the copy does not build; .build-mutants/build.log has it all")
        return 1
    say(f"{len(tree.chosen)} compile")
    if options.build_only:
        return 0
    results = results_path(tree, options)
    if not options.resume and os.path.exists(results):
        os.remove(results)
    campaign = Campaign(tree, options.jobs, say)
    campaign.baseline()
    sites = chosen(tree, options, names)
    done = read_results(results)
    rest = [s for s in sites if s.name not in done or (options.again and done[s.name].status == "survived")]
    # By their names, which are hashes: what has been run when time is up is a fair sample.
    rest.sort(key=lambda site: site.name[::-1])
    seconds = options.minutes * 60 if options.minutes is not None else None
    campaign.run(rest, options.runs, results, seconds)
    return conclude(tree, sites, options, argued)


def results_path(tree, options):
    return os.path.join(tree.folder, "short.tsv" if options.short else "results.tsv")


def short_names(here):
    with open(os.path.join(here, "short.txt")) as file:
        return {line.split()[0] for line in file if line.strip() and not line.startswith("#")}


def chosen(tree, options, names):
    sites = list(tree.chosen.values())
    if names is not None:
        sites = [s for s in sites if s.name in names]
    if options.rooms:
        sites = [s for s in sites if any(text in room(s) for text in options.rooms)]
    if options.operators:
        sites = [s for s in sites if s.operator in options.operators]
    if options.only:
        sites = [s for s in sites if s.name in options.only]
    return sites


def conclude(tree, sites, options, argued):
    results = {name: outcome for name, outcome in read_results(results_path(tree, options)).items()
               if name in {site.name for site in sites}}
    left = survivors(sites, results)
    for site in sites:
        cost = overspent(results[site.name]) if site.name in results else None
        if cost:
            print(f"noticed by its costs only, {cost}: {line_of(site, results[site.name])}")
    unlisted = [(site, outcome) for site, outcome in left if site.name not in argued.rows]
    for site, outcome in left:
        mark = argued.verdict(site.name) or "NOT LISTED"
        print(f"survives, {mark}: {line_of(site, outcome)}")
    print()
    print(tables(sites, results, argued))
    print(f"\nfound first by: {killers(results)}")
    print(f"commit {commit()}, {len(results)} of {len(sites)} mutants, {len(left)} survive, {len(unlisted)} not listed")
    for name, fields in argued.rows.items():
        if name in results and results[name].status == "killed":
            print(f"listed as a survivor, but killed: {name} {fields[2]} {fields[3]}: strike it")
    if options.survivors:
        with open(options.survivors, "w") as file:
            for site, _ in unlisted:
                file.write(row_of(site, "checker", "") + "\n")
    return 1 if unlisted or argued.problems or len(results) < len(sites) else 0


def commit():
    done = subprocess.run(["git", "-C", REPOSITORY, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
