# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""The rows of tests/real/table."""
import collections
import os

TOP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../..")

Row = collections.namedtuple("Row", "name packages server settings waits story herd why")


def table():
    with open(os.path.join(TOP, "tests/real/table"), encoding="utf-8") as lines:
        return [Row(*(cell.strip() for cell in line.split("|")))
                for line in lines if line.strip() and not line.startswith("#")]
