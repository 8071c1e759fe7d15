"""Changes one thing at a time in a pure module, and lists the changes that its tests do not notice.

    .venv/bin/python -m benchmarks.mutations                                # every module of RULES: about an hour
    .venv/bin/python -m benchmarks.mutations studies/records/rules.py --most 40  # as many changes, by a fixed seed
    .venv/bin/python -m benchmarks.mutations studies/text/normalize.py tests/search/text/test_analysis.py

A change that survives is a case that no test asks about, or makes no difference: a person tells them apart. No file
is touched: each change lives in a process of its own. The tests run without Django and without conftest.py, so they
have to be as pure as their module.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import random
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import hypothesis
import pytest

ROOT = Path.cwd()
RULES = {
    "studies/records/rules.py": "tests/studies/records/test_rules.py",
    "studies/records/plausibility.py": "tests/studies/records/test_plausibility.py",
    "studies/synthesis/absolute_effect.py": "tests/studies/synthesis/test_absolute_effect.py",
    "studies/synthesis/answer_facts.py": "tests/studies/synthesis/test_summary_of_findings.py",
    "studies/synthesis/chosen_estimate.py": "tests/studies/synthesis/test_chosen_estimate.py",
    "studies/synthesis/direction.py": "tests/studies/synthesis/test_direction.py",
    "studies/synthesis/evaluations.py": "tests/studies/synthesis/test_evaluations.py",
    "studies/synthesis/evidence.py": "tests/studies/synthesis/test_evidence.py",
    "studies/synthesis/estimates.py": "tests/studies/synthesis/test_pooling.py",
    "studies/synthesis/orientation.py": "tests/studies/synthesis/test_orientation.py",
    "studies/synthesis/pooling.py": "tests/studies/synthesis/test_pooling.py",
    "studies/synthesis/summary_of_findings.py": "tests/studies/synthesis/test_summary_of_findings.py",
    "studies/synthesis/tables.py": "tests/studies/synthesis/test_tables.py",
    "search/text/analysis.py": "tests/search/text/test_analysis.py",
    "search/query/parser.py": "tests/search/query/test_parser.py",
}
TIME_LIMIT_S, MEMORY_LIMIT = 300, 4 * 1024**3
"""Bounds of one run of the tests, as a change may make an endless loop; what goes beyond them is noticed."""

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
_NOT_BEHAVIOUR = ("annotation", "returns", "decorator_list")
_OPTIONS = ("--noconftest", "-p", "no:django", "-p", "no:cacheprovider", "--import-mode=importlib", "-qx")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a tree: what stands in a field of `parent`, at a place of it if it is a list."""

    parent: ast.AST
    field: str
    place: int | None
    before: Any
    after: ast.expr

    def __str__(self) -> str:
        return f"{self.before.lineno}  {ast.unparse(self.before)}  ->  {ast.unparse(self.after)}"

    def make(self) -> None:
        """Put the change into the tree."""
        after = ast.fix_missing_locations(ast.copy_location(self.after, self.before))
        if self.place is None:
            setattr(self.parent, self.field, after)
        else:
            getattr(self.parent, self.field)[self.place] = after


def find_mutations(tree: ast.AST) -> Iterator[Mutation]:
    """Yield every change of a module: of conditions, comparisons, arithmetic, numbers and truth values."""
    for field, value in ast.iter_fields(tree):
        for place, node in enumerate(value if isinstance(value, list) else [value]):
            if field not in _NOT_BEHAVIOUR and isinstance(node, ast.AST):
                for after in _replacements(node, is_condition=field in ("test", "ifs")):
                    yield Mutation(tree, field, place if isinstance(value, list) else None, node, after)
                yield from find_mutations(node)


def _replacements(node: ast.AST, *, is_condition: bool) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(left, operators, right):
            for place, operator in enumerate(operators):
                changed = [*operators[:place], _COMPARISONS[type(operator)](), *operators[place + 1 :]]
                yield ast.Compare(left, changed, right)
        case ast.BoolOp(joined, values):
            yield ast.BoolOp(ast.Or() if isinstance(joined, ast.And) else ast.And(), values)
            for place in range(len(values)):
                fewer = values[:place] + values[place + 1 :]
                yield ast.BoolOp(joined, fewer) if len(fewer) > 1 else fewer[0]
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.BinOp(one, arithmetic, other) if type(arithmetic) in _ARITHMETIC:
            yield ast.BinOp(one, _ARITHMETIC[type(arithmetic)](), other)
        case ast.Constant(bool() as truth):
            yield ast.Constant(not truth)
        case ast.Constant(int() | float() as number):
            yield ast.Constant(number + 1)
        case ast.expr() if is_condition:
            yield ast.UnaryOp(ast.Not(), node)


def find_survivors(module: str, tests: Sequence[str], most: int | None = None) -> tuple[int, list[Mutation]]:
    """Return how many changes of a module were tried, all or `most` drawn, and those that its tests do not notice."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    found = list(find_mutations(tree))
    if most is not None and most < len(found):
        found = [found[place] for place in sorted(random.Random(module).sample(range(len(found)), most))]
    if not _passes_tests(module, tree, tests, None):
        raise RuntimeError(f"{' '.join(tests)}: fails without a change too")
    return len(found), [mutation for mutation in found if _passes_tests(module, tree, tests, mutation)]


def _passes_tests(module: str, tree: ast.Module, tests: Sequence[str], mutation: Mutation | None) -> bool:
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    code = 1
    try:
        signal.alarm(TIME_LIMIT_S)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        # What is drawn at random must not decide whether a change is noticed.
        hypothesis.settings.register_profile("mutations", derandomize=True, deadline=None, database=None)
        hypothesis.settings.load_profile("mutations")
        if mutation is not None:
            mutation.make()
        sys.meta_path.insert(0, _MutatedLoader(module, compile(tree, str(ROOT / module), "exec")))
        code = int(pytest.main([*_OPTIONS, "-c", os.devnull, "--rootdir", str(ROOT), *(str(ROOT / t) for t in tests)]))
    finally:
        os._exit(code)


class _MutatedLoader(SourceFileLoader):
    """Finds and loads one module, of which the code is given."""

    def __init__(self, module: str, code: CodeType) -> None:
        super().__init__(module.removesuffix(".py").replace("/", "."), str(ROOT / module))
        self._code = code

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        return self._code


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module", nargs="?", help="one of RULES, or another with its tests; all of RULES if not given")
    parser.add_argument("tests", nargs="*")
    parser.add_argument("--most", type=int, help="how many changes of a module to try; all if not given")
    given = parser.parse_args()
    for module in [given.module] if given.module else RULES:
        tried, left = find_survivors(module, given.tests or [RULES[module]], given.most)
        print(*(f"{module}:{mutation}" for mutation in left), sep="\n", end="\n" if left else "")
        print(f"{module}: {len(left)} of {tried} changes survive", flush=True)


if __name__ == "__main__":
    main()
