"""The ten rules as an OpenFisca-core model (for the benchmark only; nothing of relief needs it).

In    the frame of households, the standards by residence and district in fen
Out   per household the result of each rule, whether it is eligible, and deep hardship

A variable with a formula per rule, parameters by residence and district through enumerations,
inputs from arrays. As its documentation writes formulas, each asks for the parameter itself; with
`ask_once` one variable holds it for all. OpenFisca knows no missing facts: they count as 0 or no.
Its whole numbers have 32 bits, so the products of a comparison are made in 64.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from openfisca_core.entities import Entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

__all__ = ["judge", "system"]

Array = np.ndarray[Any, Any]
Formula = Callable[..., Array]
HOUSEHOLD = Entity("household", "households", "A household", "")


def _asked(of: Any, at: Any, law: Any) -> Array:
    return law(at).subsistence_standard[of("residence", at)][of("district", at)]


def _held(of: Any, at: Any, law: Any) -> Array:  # noqa: ARG001
    return of("subsistence_standard", at)


def _wide(of: Any, name: str, at: Any) -> Array:
    return of(name, at).astype(np.int64)


def _net(of: Any, at: Any) -> Array:
    return _wide(of, "income_fen", at) - _wide(of, "rigid_expenditure_fen", at)


def _formulas(standard: Formula) -> dict[str, Formula]:
    def limit(of: Any, at: Any, law: Any) -> Array:
        """Return the standard of the whole household for a year."""
        return 12 * standard(of, at, law).astype(np.int64) * _wide(of, "household_size", at)

    return {
        "union_member_holds": lambda of, at: of("union_member", at),
        "visited_holds": lambda of, at: of("visited_on", at) <= np.datetime64(str(at.start)),
        "review_holds": lambda of, at: of("review_passed", at),
        "notice_holds": lambda of, at: of("notice_working_days", at) >= 7,
        "homes_hold": lambda of, at: of("homes_count", at) <= 1,
        "vehicles_hold": lambda of, at: of("vehicles_count", at) <= 0,
        "cost_holds": lambda of, at: of("out_of_pocket_fen", at) > 0,
        "deposits_hold": lambda of, at, law: _wide(of, "deposits_fen", at) <= 2 * limit(of, at, law),
        "gross_income_holds": lambda of, at, law: _wide(of, "income_fen", at) <= 3 * limit(of, at, law),
        "net_income_holds": lambda of, at, law: _net(of, at) < 2 * limit(of, at, law),
        "deep": lambda of, at, law: _net(of, at) < limit(of, at, law),
    }


def _all_hold(of: Any, at: Any) -> Array:
    return np.logical_and.reduce([of(name, at) for name in _formulas(_held) if name != "deep"])


def _variable(name: str, kind: Any, **attributes: Any) -> type[Variable]:
    common = {"value_type": kind, "entity": HOUSEHOLD, "definition_period": DateUnit.DAY, "label": name}
    return type(name, (Variable,), common | attributes)


def _input(column: pd.Series[Any]) -> type[Variable]:
    name = str(column.name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = Enum(name, {word: word for word in column.cat.categories})
        return _variable(name, Enum, possible_values=words, default_value=next(iter(words)))
    return _variable(name, dt.date if column.dtype.kind == "M" else bool if column.dtype.kind == "b" else int)


def system(
    inputs: pd.DataFrame, standards_fen: Mapping[str, Mapping[str, int]], *, ask_once: bool
) -> TaxBenefitSystem:
    """Return the model over the columns of `inputs`."""
    made = TaxBenefitSystem([HOUSEHOLD])
    standards = {
        residence: {name: {"values": {"2021-01-01": {"value": fen}}} for name, fen in by_district.items()}
        for residence, by_district in standards_fen.items()
    }
    made.parameters = ParameterNode("", data={"subsistence_standard": standards})
    made.add_variables(
        *(_input(inputs[name]) for name in inputs),
        *(_variable(name, bool, formula=f) for name, f in _formulas(_held if ask_once else _asked).items()),
        _variable("subsistence_standard", int, formula=_asked),
        _variable("eligible", bool, formula=_all_hold),
    )
    return made


def judge(model: TaxBenefitSystem, inputs: pd.DataFrame, on: str) -> dict[str, Array]:
    """Return for every household each rule's result, ``deep`` and ``eligible``."""
    simulation = SimulationBuilder.build_default_simulation(model, count=len(inputs))
    for name in inputs:
        simulation.set_input(name, on, _array(inputs[name]))
    return {name: simulation.calculate(name, on) for name in (*_formulas(_held), "eligible")}


def _array(column: pd.Series[Any]) -> Array:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.maximum(column.cat.codes.to_numpy(), 0)
    if column.dtype.kind == "M":
        return column.to_numpy().astype("datetime64[D]")
    return column.to_numpy(dtype=bool if column.dtype.kind == "b" else np.int32, na_value=0)
