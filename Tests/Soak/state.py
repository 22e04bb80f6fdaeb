"""What a soak has done so far, in a folder: it goes on where it stopped."""

import json
import os


class State:
    def __init__(self, folder, resume):
        self.folder = folder
        self.path = os.path.join(folder, "state.json")
        self.data = {"cursors": {}, "totals": {}, "findings": [], "skipped": []}
        os.makedirs(folder, exist_ok=True)
        if resume and os.path.exists(self.path):
            with open(self.path) as file:
                self.data = json.load(file)

    def save(self):
        with open(self.path + ".new", "w") as file:
            json.dump(self.data, file, indent=1)
        os.replace(self.path + ".new", self.path)

    def cursor(self, name, start):
        return self.data["cursors"].get(name, start)

    def advance(self, name, value):
        self.data["cursors"][name] = value
        self.save()

    def count(self, name, **amounts):
        total = self.data["totals"].setdefault(name, {})
        for key, amount in amounts.items():
            total[key] = total.get(key, 0) + amount
        self.save()

    def find(self, part, what, repeat):
        self.data["findings"].append({"part": part, "what": what, "repeat": repeat})
        self.save()

    def skip(self, what):
        if what not in self.data["skipped"]:
            self.data["skipped"].append(what)
            self.save()

    def summary(self):
        lines = ["== What was run"]
        for name in sorted(self.data["totals"]):
            total = self.data["totals"][name]
            lines.append(f"{name}: " + ", ".join(f"{key} {total[key]:,}" for key in sorted(total)))
        for what in self.data["skipped"]:
            lines.append(f"skipped: {what}")
        lines.append(f"== Findings: {len(self.data['findings'])}")
        for finding in self.data["findings"]:
            lines += [f"{finding['part']}: {finding['what']}", f"  repeat: {finding['repeat']}"]
        return "\n".join(lines)
