"""Uses the dashboard of a running local cluster in a real browser, as a person would.

    dashboard.py URL NODE_URL FOLDER [--chromium PATH]

URL is a supervisor's dashboard, NODE_URL a node of its cluster of four, FOLDER where screenshots go. Ends with 0 where
everything was as it should be; the first thing that was not is an error with a traceback.
"""

import argparse
import json
import re
import urllib.request

from playwright.sync_api import Page, expect, sync_playwright

PATIENCE = 60_000  # milliseconds: nodes under test may be debug builds
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def put(node: str, key: str, value: bytes, content_type: str = "application/octet-stream") -> None:
    request = urllib.request.Request(f"{node}/kv/{key}", value, {"Content-Type": content_type}, method="PUT")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status in (200, 201), answer.status


def number(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text))


class Walk:
    def __init__(self, page: Page, node: str, folder: str) -> None:
        self.page = page
        self.node = node
        self.folder = folder

    def picture(self, name: str) -> None:
        self.page.screenshot(path=f"{self.folder}/{name}.png", full_page=True)

    def say(self, what: str) -> None:
        print(f"ok: {what}", flush=True)

    # What is shown.

    def numbers(self) -> None:
        page = self.page
        expect(page.locator("#members tbody tr")).to_have_count(4, timeout=PATIENCE)
        for name in "ABCD":
            expect(page.locator(f"#member-{name}")).to_contain_text("serves", timeout=PATIENCE)
        expect(page.locator("#summary")).to_contain_text("4 of 4 nodes serve", timeout=PATIENCE)
        expect(page.locator("#live")).to_have_text("live")
        expect(page.locator("#ring .arc").first).to_be_visible(timeout=PATIENCE)
        assert page.locator("#ring .arc").count() >= 4
        expect(page.locator("#legend")).to_contain_text("%", timeout=PATIENCE)
        shares = [float(text) for text in re.findall(r"([0-9.]+) %", page.locator("#legend").inner_text())]
        assert len(shares) == 4 and abs(sum(shares) - 100) < 1, shares
        expect(page.locator("#strategies")).to_contain_text("vnode-ring", timeout=PATIENCE)
        page.locator("#ring-picture").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#ring-detail")).to_contain_text("replicas")
        self.say("four nodes, the ring, shares that add up, strategies")

    def operations(self) -> None:
        for index in range(50):
            put(self.node, f"load-{index}", b'{"value": 1}', "application/json")
        expect(self.page.locator("#rates figcaption")).to_contain_text("puts")
        expect(self.page.locator("#rates path").nth(1)).to_have_attribute("d", re.compile("M.*L"), timeout=PATIENCE)
        self.say("operations are drawn")

    # Keys.

    def use(self, key: str, button: str) -> None:
        self.page.fill("#key", key)
        self.page.get_by_role("button", name=button, exact=True).click()

    def store(self, key: str, value: str, form: str = "json", sibling: bool = False) -> None:
        page = self.page
        page.fill("#key", key)
        page.fill("#value", value)
        page.select_option("#value-form", form)
        page.locator("#sibling").set_checked(sibling)
        page.click("#put")
        expect(page.locator("#explorer-result")).to_contain_text("stored by", timeout=PATIENCE)

    def conflict(self) -> None:
        page = self.page
        self.store("cart", '["milk"]')
        self.store("cart", '["bread"]', sibling=True)
        self.use("cart", "Get")
        expect(page.locator("#explorer-result")).to_contain_text("2 concurrent versions", timeout=PATIENCE)
        self.picture("siblings")
        page.click("#unite")
        assert sorted(json.loads(page.input_value("#value"))) == ["bread", "milk"]
        page.click("#put")
        expect(page.locator("#explorer-result")).to_contain_text("stored by", timeout=PATIENCE)
        self.use("cart", "Get")
        expect(page.locator("#explorer-result")).to_contain_text("One version", timeout=PATIENCE)
        expect(page.locator("#explorer-result")).to_contain_text("milk")
        expect(page.locator("#explorer-result")).to_contain_text("bread")
        self.say("a conflict is put, seen and resolved")

    def strange_keys(self) -> None:
        page = self.page
        self.store(HOSTILE, HOSTILE, form="text")
        self.use(HOSTILE, "Get")
        expect(page.locator("#explorer-result")).to_contain_text("onerror", timeout=PATIENCE)
        self.use(HOSTILE, "Explain")
        expect(page.locator("#explain-picture svg")).to_be_visible(timeout=PATIENCE)
        put(self.node, "page", HOSTILE.encode(), "text/html")
        self.use("page", "Get")
        expect(page.locator("#explorer-result")).to_contain_text("onerror", timeout=PATIENCE)
        assert page.locator("main img").count() == 0
        assert page.title() == "Stator", page.title()
        put(self.node, "%00%ff", bytes(range(256)) * 64)
        page.select_option("#key-form", "percent")
        self.use("%00%ff", "Get")
        expect(page.locator("#explorer-result")).to_contain_text("00 01 02 03", timeout=PATIENCE)
        expect(page.locator("#explorer-result")).to_contain_text("bytes more")
        page.select_option("#key-form", "text")
        put(self.node, "huge", b"x" * 900_000, "text/plain")
        self.use("huge", "Get")
        expect(page.locator("#explorer-result")).to_contain_text("900,000 bytes", timeout=PATIENCE)
        assert len(page.locator("#explorer-result").inner_text()) < 10_000
        self.use("never-written", "Get")
        expect(page.locator("#explorer-result")).to_contain_text("404", timeout=PATIENCE)
        self.store("precise", "12345678901234567890")
        self.use("precise", "Delete")
        expect(page.locator("#explorer-result")).to_contain_text("deleted by", timeout=PATIENCE)
        self.say("hostile, binary, huge and missing keys are shown safely")

    def explain(self) -> None:
        page = self.page
        self.use("cart", "Explain")
        expect(page.locator("#explain-picture svg")).to_be_visible(timeout=PATIENCE)
        label = page.locator("#explain-picture svg").get_attribute("aria-label")
        assert label.count("replica: value") == 3, label
        assert page.locator("#ring-key line").count() == 1
        self.say("a key is explained as a picture")

    # Faults.

    def do(self, node: str, action: str) -> None:
        self.page.locator(f"#member-{node} button[data-action={action}]").click()

    def kill(self) -> None:
        page = self.page
        self.do("C", "kill")
        expect(page.locator("#member-C")).to_contain_text("stopped", timeout=PATIENCE)
        expect(page.locator("#member-C")).to_contain_text("dead", timeout=PATIENCE)
        expect(page.locator("#summary")).to_contain_text("3 of 4 nodes serve")
        for index in range(60):
            put(self.node, f"while-dead-{index}", b"value")
        expect(page.locator("#hints-total")).not_to_have_text("0", timeout=PATIENCE)
        most = number(page.locator("#hints-total").inner_text())
        self.picture("killed")
        self.use("while-dead-1", "Explain")
        self.do("C", "start")
        expect(page.locator("#member-C")).to_contain_text("serves", timeout=PATIENCE)
        expect(page.locator("#hints-total")).to_have_text("0", timeout=PATIENCE)
        expect(page.locator("#story")).to_contain_text("handed over what it kept for C", timeout=PATIENCE)
        expect(page.locator("#story")).to_contain_text("C was killed")
        self.picture("healed")
        self.say(f"a killed node is seen, {most} hints appear and drain")

    def cut(self) -> None:
        page = self.page
        for name, side in zip("ABCD", ("left", "left", "right", "right")):
            page.select_option(f"[data-side={name}]", label=side)
        page.click("#cut")
        expect(page.locator("#done")).to_contain_text("the network is cut: A,B | C,D", timeout=PATIENCE)
        for name in "ABCD":
            expect(page.locator(f"#member-{name}")).to_contain_text("dead", timeout=PATIENCE)
        self.picture("cut")
        page.click("#heal")
        for name in "ABCD":
            expect(page.locator(f"#member-{name} .badge.bad")).to_have_count(0, timeout=PATIENCE)
            expect(page.locator(f"#member-{name}")).not_to_contain_text("cut from")
        self.say("a partition is seen from both sides and healed")

    def grow(self) -> None:
        page = self.page
        page.click("#add")
        expect(page.locator("#member-E")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#story")).to_contain_text("E is a member", timeout=PATIENCE)
        expect(page.locator("#legend li")).to_have_count(5, timeout=PATIENCE)
        self.picture("grown")
        self.do("E", "remove")
        expect(page.locator("#member-E")).to_have_count(0, timeout=PATIENCE)
        self.say("a node is added and removed")

    def themes(self) -> None:
        page = self.page
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("#theme")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert light != dark
        self.picture("dark")
        page.click("#theme")
        self.say("light and dark")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("node")
    parser.add_argument("folder")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1500, "height": 1000}, color_scheme="light")
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        walk = Walk(page, options.node, options.folder)
        page.goto(options.url)
        for step in (
            walk.numbers, walk.operations, walk.conflict, walk.explain, walk.strange_keys, walk.kill, walk.cut, walk.grow,
            walk.themes,
        ):
            try:
                step()
            except BaseException:
                walk.picture("failed")
                print(page.locator("body").inner_text()[:6000], flush=True)
                raise
            assert page.locator("#notice").is_hidden(), page.locator("#notice").inner_text()
            assert not problems, problems
        # The same page from a node: it reads the others itself.
        page.goto(f"{options.node}/dashboard")
        walk.numbers()
        expect(page.locator("#members thead")).to_contain_text("by D", timeout=PATIENCE)
        assert page.locator("#members button").count() == 0
        walk.picture("node")
        page.goto(f"{options.node}/dashboard?once")
        expect(page.locator("#summary")).to_contain_text("nodes serve", timeout=PATIENCE)
        assert not problems, problems
        browser.close()
    print("ok: all")


main()
