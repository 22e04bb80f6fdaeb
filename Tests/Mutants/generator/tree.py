"""The copy of the sources: what is copied, which files are mutated, and the build that drops what does not compile."""

import os
import re
import shutil
import subprocess

from schemata import Writer, Written, nest
from site_words import labels_of
from sites import SiteFinder

# Folders and files that hold what is mutated, from the root. What is not there yet or any more is passed over.
MUTATED = [
    "Modules/Replication", "Modules/NodeCore", "Modules/Membership", "Modules/Sync", "Modules/ConflictResolution",
    "Modules/Storage/LogEngine",
]
# What only people read, or what a file of settings says.
UNMUTATED = re.compile(r"(Inspection|Explain|Settings|Limits|Text)[^/]*\.swift$|/(Settings|Story|Messages)/")
# Sites in one build, at most, for each operator a share: what is doubled is often as good as once.
SHARES = {"effect-doubled": 0.35, "reordered": 0.6, "early-return": 0.7}

MANIFEST = """

// For mutants: only what the driver needs, and the probe beside what is mutated.
package.targets.append(.target(name: "MutantProbe", path: "Probe"))
package.targets.append(
    .executableTarget(
        name: "mutant-driver",
        dependencies: families + [
            "StatorCore", "Composition", "ConformanceKit", "Simulation", "SimulationKit", "MutantProbe",
        ],
        path: "Driver", swiftSettings: strict))
do {
    let mutated: Set<String> = [%MODULES%]
    for target in package.targets where mutated.contains(target.name) { target.dependencies.append("MutantProbe") }
    var kept: Set<String> = []
    var open = ["mutant-driver"]
    while let name = open.popLast() {
        guard kept.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else { continue }
        for case .byNameItem(let name, _) in target.dependencies { open.append(name) }
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
}
"""


class Tree:
    def __init__(self, repository, folder, density):
        self.repository = repository
        self.folder = folder
        self.density = density
        self.sources = os.path.join(folder, "sources")
        self.sites = []
        self.texts = {}
        self.written = {}
        self.dropped = self._read_dropped()

    # What did not compile before is not tried again.

    def _dropped_path(self):
        return os.path.join(self.folder, "not-compiling.txt")

    def _read_dropped(self):
        names = set()
        committed = os.path.join(self.repository, "Tests", "Mutants", "not-compiling.txt")
        for path in (committed, self._dropped_path()):
            try:
                with open(path) as file:
                    names.update(line.split("\t")[0] for line in file.read().splitlines())
            except FileNotFoundError:
                pass
        return names

    def _drop(self, site):
        self.dropped.add(site.name)
        with open(self._dropped_path(), "a") as file:
            file.write(f"{site.name}\t{site.path}:{site.line}\t{site.operator}\t{site.original}\t{site.mutated}\n")

    # Sites

    def find(self):
        paths = []
        for root in MUTATED:
            for folder, _, files in os.walk(os.path.join(self.repository, root)):
                paths += [os.path.relpath(os.path.join(folder, f), self.repository) for f in files]
        paths = sorted(p for p in paths if p.endswith(".swift") and not UNMUTATED.search(p))
        for path in paths:
            with open(os.path.join(self.repository, path)) as file:
                self.texts[path] = file.read()
        labels = labels_of(self.texts.values())
        for path, text in self.texts.items():
            self.sites += SiteFinder(path, text, labels).find()
        self.found = len(self.sites)
        self.all_sites = self.sites
        rooms = {}
        for site in self.sites:
            rooms[room(site)] = rooms.get(room(site), 0) + 1
        # A stable draw: what is chosen does not depend on the other sites but for small rooms, which are drawn from more.
        self.sites = [s for s in self.sites if _fraction(s) < self._density(s, rooms)]

    def take(self, sites):
        """Builds in these and no others."""
        self.sites = sites

    def _density(self, site, rooms):
        of_room = max(self.density, 24 / rooms[room(site)])
        return of_room * SHARES.get(site.operator, 1)

    # Writing

    def numbered_as_built(self):
        """Gives the sites their numbers. Returns whether those are the numbers of the program that was built last."""
        self.number()
        try:
            with open(self._built_path()) as file:
                return file.read() == self._numbering()
        except FileNotFoundError:
            return False

    def _built_path(self):
        return os.path.join(self.folder, "built.txt")

    def _numbering(self):
        return "".join(f"{number} {self.chosen[number].name}\n" for number in sorted(self.chosen))

    def number(self):
        """Gives each site its number, and each file its text with mutants."""
        live = [site for site in self.sites if site.name not in self.dropped]
        for number, site in enumerate(sorted(live, key=lambda s: (s.path, s.start, -s.end))):
            site.number = number
        self.chosen = {}
        return {path: self._mutated(path, text, [s for s in live if s.path == path]).encode()
                for path, text in self.texts.items()}

    def write(self):
        """Writes the copy anew; what has not changed keeps its date, so that little is built again."""
        wanted = self.number()
        for path in self._copied():
            source = os.path.join(self.repository, path)
            if path not in self.texts:
                with open(source, "rb") as file:
                    wanted[path] = file.read()
        here = os.path.join(self.repository, "Tests", "Mutants")
        for folder in ("Probe", "Driver"):
            for root, _, files in os.walk(os.path.join(here, folder)):
                for name in files:
                    with open(os.path.join(root, name), "rb") as file:
                        # No target of the package holds it here, so it is no Swift file yet.
                        path = os.path.relpath(os.path.join(root, name), here).removesuffix(".template")
                        wanted[path] = file.read()
        modules = sorted({path.split("/")[1] for path in self.texts})
        names = ", ".join(f'"{name}"' for name in modules)
        wanted["Package.swift"] += MANIFEST.replace("%MODULES%", names).encode()
        self._sync(wanted)

    def _copied(self):
        yield "Package.swift"
        for folder, _, files in os.walk(os.path.join(self.repository, "Modules")):
            for name in sorted(files):
                yield os.path.relpath(os.path.join(folder, name), self.repository)

    def _mutated(self, path, text, sites):
        crossing = []
        roots = nest(sites, crossing)
        writer = Writer(text, roots)
        # On the first line, so that lines keep their numbers where sites allow it.
        head = "internal import MutantProbe; "
        body = writer.write()
        spans = [(a + len(head), b + len(head), site) for a, b, site in writer.spans]
        self.chosen.update({site.number: site for _, _, site in spans})
        out = head + body
        self.written[path] = Written(out, spans)
        return out

    def _sync(self, wanted):
        for path, content in wanted.items():
            target = os.path.join(self.sources, path)
            try:
                with open(target, "rb") as file:
                    if file.read() == content:
                        continue
            except FileNotFoundError:
                os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(content)
        for root in ("Modules", "Probe", "Driver"):
            for folder, _, files in os.walk(os.path.join(self.sources, root)):
                for name in files:
                    path = os.path.relpath(os.path.join(folder, name), self.sources)
                    if path not in wanted:
                        os.remove(os.path.join(self.sources, path))

    # Building

    def build(self, say, rounds=40):
        command = [
            "swift", "build", "-c", "release", "--package-path", self.sources, "--scratch-path",
            os.path.join(self.folder, "build"), "--product", "mutant-driver",
        ]
        for attempt in range(rounds):
            self.write()
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            with open(os.path.join(self.folder, "build.log"), "w") as file:
                file.write(done.stdout)
            if done.returncode == 0:
                with open(self._built_path(), "w") as file:
                    file.write(self._numbering())
                return True
            blamed = self._blamed(done.stdout)
            if not blamed:
                say(done.stdout[-3000:])
                return False
            for site in blamed:
                self._drop(site)
            say(f"round {attempt + 1}: {len(blamed)} sites do not compile and are dropped")
        return False

    def _blamed(self, output):
        blamed = {}
        for match in re.finditer(r"^(/[^\n:]+\.swift):(\d+):(\d+): error:", output, re.M):
            path = os.path.relpath(os.path.realpath(match.group(1)), os.path.realpath(self.sources))
            if path in self.written:
                for site in self.written[path].blamed(int(match.group(2)), int(match.group(3))):
                    blamed[site.name] = site
        return list(blamed.values())

    @property
    def driver(self):
        return os.path.join(self.folder, "build", "release", "mutant-driver")

    def clean(self):
        shutil.rmtree(self.sources, ignore_errors=True)


def room(site):
    """The folder that a site is in, from the module on."""
    return os.path.dirname(site.path).split("/", 1)[1]


def _fraction(site):
    return int(site.name[:8], 16) / 0x1_0000_0000
