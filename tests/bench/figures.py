# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""What was measured, one file for each kernel, and the budget. For run, check and document."""
import json
import os
import statistics

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
RESULTS = os.path.join(TOP, "build/bench")
BUDGET = os.path.join(TOP, "tests/bench/budget")
SCHEMA = "herdtrace-bench/1"
# In virtual machines, one for each kernel and part.
GUEST_PARTS = ["unrelated", "connection", "waiters", "start", "replay", "top", "load", "peers"]
# On this machine, which "host" stands for.
HOST_PARTS = ["growth"]
CHEAP = "cheap"
PARTS = " ".join(GUEST_PARTS + HOST_PARTS)
KERNELS = "6.12 7.2"


def load(path):
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    if result["schema"] != SCHEMA:
        raise ValueError(f"{path}: not {SCHEMA}")
    return result


def store(path, result):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    os.replace(path + ".part", path)


def number(text):
    """An int where it is one."""
    value = float(text)
    return int(value) if value == int(value) else value


class Figures:
    """The figures of one part, from the lines of the guest. Several samples of one: their median."""

    def __init__(self):
        self.samples = {}
        self.units = {}
        self.missing = {}

    def take(self, line):
        """False: this line is no figure."""
        words = line.split()
        if len(words) >= 3 and words[0] == "missing":
            self.missing[words[1]] = " ".join(words[2:])
        elif len(words) == 3 and words[0].count("/") == 2:
            self.add(words[0], number(words[1]), words[2])
        else:
            return False
        return True

    def add(self, name, value, unit):
        self.samples.setdefault(name, []).append(value)
        self.units[name] = unit

    def median(self, name):
        return number(statistics.median(self.samples[name]))

    def document(self):
        figures = []
        for name, samples in self.samples.items():
            figure = {"name": name, "unit": self.units[name], "value": self.median(name)}
            bare = name.rpartition("/")[0] + "/bare"
            if len(samples) > 1:
                figure["samples"] = samples
            if bare in self.samples and bare != name:
                figure["added"] = figure["value"] - self.median(bare)
            figures.append(figure)
        return {"figures": figures + self.slopes(figures), "missing": self.missing}

    def slopes(self, figures):
        """What one more costs, where there are figures for many of them."""
        added = {figure["name"]: figure["added"] for figure in figures if "added" in figure}
        value = {figure["name"]: figure["value"] for figure in figures}
        found = []
        for how in ("kernel", "traced"):
            names = [f"waiters/{cnt}/{how}" for cnt in (4, 64, 1000)]
            if all(name in added for name in names):
                few, some, many = (added[name] for name in names)
                found += [{"name": f"waiters/each-to-64/{how}", "unit": "instructions",
                           "value": round((some - few) / 60)},
                          {"name": f"waiters/each-beyond-64/{how}", "unit": "instructions",
                           "value": round((many - some) / 936)}]
        for how in ("summary", "json"):
            few, many = (value.get(f"growth/memory-{cnt}/{how}") for cnt in (10000, 1000000))
            if few and many:
                found.append({"name": f"growth/memory-each/{how}", "unit": "bytes",
                              "value": round((many - few) * 1024 / 990000)})
        return found


def all_figures(result, parts=None):
    """Name to figure, of these parts of a result; of all but the cheap one, which repeats some."""
    if parts is None:
        parts = [part for part in result["parts"] if part != CHEAP]
    return {figure["name"]: figure
            for part in parts for figure in result["parts"][part]["figures"]}


def words(name, default):
    """Of a variable of the environment."""
    return os.environ.get(name, default).replace(",", " ").split()


class Line:
    """A line of the budget: KERNEL FIGURE CI FIRST GOAL LIMIT. With a + the figure's "added" is meant.

    CI: "ci" if the cheap part has it, too. FIRST: what the first version took. A "-" is none.
    """

    def __init__(self, text):
        self.text = text.rstrip("\n")
        words_ = self.text.partition("#")[0].split()
        self.is_entry = bool(words_)
        if not self.is_entry:
            return
        if len(words_) != 6:
            raise ValueError(f"budget: not six words: {text}")
        self.kernel, self.figure, ci, self.first, self.goal, self.limit = words_
        self.is_ci = ci == "ci"
        self.is_added = "+" in self.goal + self.limit

    def belongs_to(self, parts):
        return self.is_entry and (
            self.figure.partition("/")[0] in parts or (self.is_ci and CHEAP in parts))

    def value(self, found):
        """None: not measured."""
        figure = found.get(self.figure)
        return figure and figure["added" if self.is_added else "value"]

    def has_limit(self):
        """A "?" is one that nobody has set yet."""
        return not self.limit.endswith("?")

    def set_limit(self, value, whole):
        """What was measured and 5 %; of what is added also 1 % of the whole, which varies with where the linker and the
        allocator put things; 10 % of memory, half of which is pages of libraries that the kernel maps in clusters, as
        they happen to be cached. What costs nothing is to stay so.
        """
        if self.limit == "-":
            return
        room = value * (0.1 if "/memory" in self.figure else 0.05)
        if self.is_added and value > 0:
            room += whole * 0.01
        before, mark, why = self.text.partition("#")
        limit = f"{'+' if self.is_added else ''}{round(max(value + room, 0))}"
        head = before.rstrip()[:-len(self.limit)]
        self.limit = limit
        self.text = head + limit + (f"  {mark}{why}" if mark else "")


def budget():
    with open(BUDGET, encoding="utf-8") as file:
        return [Line(text) for text in file]
