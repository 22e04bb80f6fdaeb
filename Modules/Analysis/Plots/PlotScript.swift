/// The program that makes pictures of specifications: Python, because the one offline renderer of Vega-Lite that needs
/// no browser is a wheel for it.
package enum PlotScript {
    /// The distribution on PyPI, and the only version of it that the script accepts: another one draws differently.
    package static let package = "vl-convert-python"
    package static let version = "1.9.0.post1"

    /// To be run as `python3 -c TEXT FOLDER` or from a file.
    ///
    /// Reads `FOLDER/plots.json`, an array of objects with `name` and `specification`. Writes `FOLDER/plots/NAME.svg`,
    /// `FOLDER/plots/NAME.png` at twice the size, and `FOLDER/plots/vega-bundle.js`, which defines `vegaEmbed` and needs
    /// no network. Says each failure in one line on standard error. Exit status: 0 done; 2 wrong arguments or input; 3
    /// the package is missing; 4 it has another version; 5 a plot could not be drawn (the others were).
    package static let text = #"""
        """Draws the plots of a Stator matrix: plot.py FOLDER. Reads FOLDER/plots.json, writes FOLDER/plots/."""
        import importlib.metadata
        import json
        import os
        import re
        import sys

        PACKAGE = "\#(package)"
        VERSION = "\#(version)"
        VEGA_LITE = "v6.4"  # reads specifications of 5; the one that goes with the bundle's Vega


        def fail(status, message):
            print("plots: " + " ".join(str(message).split()), file=sys.stderr)
            sys.exit(status)


        def write(folder, name, content):
            """Under another name first: a reader never finds half a file."""
            path = os.path.join(folder, name)
            binary = isinstance(content, bytes)
            with open(path + ".part", "wb" if binary else "w", encoding=None if binary else "utf-8") as file:
                file.write(content)
            os.replace(path + ".part", path)


        def load(folder):
            path = os.path.join(folder, "plots.json")
            try:
                with open(path, encoding="utf-8") as file:
                    plots = json.load(file)
                pairs = [(plot["name"], plot["specification"]) for plot in plots]
            except OSError as error:
                fail(2, f"cannot read {path}: {error.strerror}")
            except (ValueError, KeyError, TypeError) as error:
                fail(2, f"{path} is not a list of plots with name and specification: {error}")
            for name, _ in pairs:
                if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
                    fail(2, f"{path}: {name!r} is no name of a plot")
            return pairs


        def main(arguments):
            if len(arguments) != 1:
                fail(2, "expected one argument, the folder that holds plots.json")
            plots = load(arguments[0])
            try:
                import vl_convert
                found = importlib.metadata.version(PACKAGE)
            except ImportError as error:
                fail(3, f"{error}; install it with: pip install {PACKAGE}=={VERSION}")
            if found != VERSION:
                fail(4, f"{PACKAGE} is {found}, expected {VERSION}; install it with: pip install {PACKAGE}=={VERSION}")
            folder = os.path.join(arguments[0], "plots")
            failed = []
            try:
                os.makedirs(folder, exist_ok=True)
                for name, specification in plots:
                    try:
                        # No base URL is allowed: a plot that loads anything is an error.
                        svg = vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE, allowed_base_urls=[])
                        png = vl_convert.vegalite_to_png(
                            specification, vl_version=VEGA_LITE, scale=2, allowed_base_urls=[])
                    except ValueError as error:
                        failed.append(name)
                        print(f"plots: {name}: {' '.join(str(error).split())[:300]}", file=sys.stderr)
                        continue
                    write(folder, name + ".svg", svg)
                    write(folder, name + ".png", png)
                write(folder, "vega-bundle.js", vl_convert.javascript_bundle(vl_version=VEGA_LITE))
            except OSError as error:
                fail(2, f"cannot write into {folder}: {error.strerror}")
            if failed:
                fail(5, f"{len(failed)} of {len(plots)} plots could not be drawn: {', '.join(failed)}")


        main(sys.argv[1:])
        """#
}
