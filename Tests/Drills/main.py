"""Drills: real nodes on loopback, bounded, each tries one way to lose acknowledged writes or healthy nodes, and counts."""

import argparse
import os
import sys
import time
import traceback

from cluster import DrillError
from drills import DRILLS, Skipped


def main():
    parser = argparse.ArgumentParser(prog="scripts/drills", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="this drill; may be repeated")
    parser.add_argument("--short", action="store_true", help="fewer writes, and only the drills that are quick")
    parser.add_argument("--list", action="store_true", help="say what there is")
    options = parser.parse_args()
    if options.list:
        for drill in DRILLS:
            print(f"{drill.name:24} {drill.__doc__.splitlines()[0]}")
        return 0
    known = {drill.name for drill in DRILLS}
    for name in options.only or []:
        if name not in known:
            parser.error(f"there is no drill '{name}': --list names them")
    chosen = [drill for drill in DRILLS if not options.only or drill.name in options.only]
    if options.short and not options.only:
        chosen = [drill for drill in chosen if drill.is_quick]
    return run(chosen, options.short)


def program(name):
    return os.path.join(os.environ.get("STATOR_BIN_DIR", ".build/release"), name)


def run(chosen, is_short):
    failed = 0
    print(f"{'drill':24} {'acknowledged':>12} {'lost':>5} {'seconds':>8}  what happened", flush=True)
    for drill in chosen:
        began = time.monotonic()
        acknowledged = lost = 0
        try:
            result = drill(program, is_short).run()
            acknowledged, lost, faults = result.acknowledged, len(result.lost), result.faults
            faults += [f"lost {key}: {node} says {status} {body!r}" for key, node, status, body in result.lost[:3]]
            said = "; ".join(faults) if faults else result.held
            if faults:
                failed += 1
        except Skipped as reason:
            said = f"skipped: {reason}"
        except DrillError as error:
            failed += 1
            said = f"FAILED: {error}"
        except Exception:
            failed += 1
            said = "FAILED: " + " | ".join(traceback.format_exc().splitlines()[-3:])
        seconds = time.monotonic() - began
        print(f"{drill.name:24} {acknowledged:12} {lost:5} {seconds:8.1f}  {said}", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} drills held", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
