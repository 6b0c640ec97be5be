# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""What was measured, one file for each kernel, and the budget. For run, check and document."""
import json
import os
import statistics

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
RESULTS = os.path.join(TOP, "build/bench")
BUDGET = os.path.join(TOP, "tests/bench/budget")
SCHEMA = "herdtrace-bench/1"


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
        return {"figures": figures, "missing": self.missing}


def all_figures(result):
    """Name to figure, of all parts of a result."""
    return {figure["name"]: figure
            for part in result["parts"].values() for figure in part["figures"]}


class Line:
    """A line of the budget: KERNEL FIGURE FIRST GOAL LIMIT. With a + the figure's "added" is meant."""

    def __init__(self, text):
        self.text = text.rstrip("\n")
        words = self.text.partition("#")[0].split()
        self.is_limit = len(words) == 5
        if words and not self.is_limit:
            raise ValueError(f"budget: not five words: {text}")
        if not self.is_limit:
            return
        self.kernel, self.figure, self.first, self.goal, self.limit = words
        self.is_added = self.limit.startswith("+")

    def value(self, figures):
        """None: not measured."""
        figure = figures.get(self.figure)
        return figure and figure["added" if self.is_added else "value"]

    def unit(self, figures):
        return figures[self.figure]["unit"]

    def raise_to(self, value):
        """What was measured and 5 %; a figure that is nothing stays nothing."""
        limit = round(value * 1.05) if value > 0 else 0
        before, _, why = self.text.partition("#")
        head = before.rstrip()[:-len(self.limit)]
        self.limit = f"+{limit}" if self.is_added else str(limit)
        self.text = head + self.limit + (f"  # {why.strip()}" if why else "")


def budget():
    with open(BUDGET, encoding="utf-8") as file:
        return [Line(text) for text in file]
