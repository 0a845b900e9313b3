import pytest

from kernelgraph.viz.text.notation import (
    ATOM,
    FUNCTION,
    POWER,
    PRODUCT,
    RELATION,
    SUM,
    LatexFormula,
    read_template,
)


@pytest.mark.parametrize(
    ("template", "level"),
    [
        ("{x} < {y}", RELATION),
        ("{x} + {y}", SUM),
        ("-{x}", SUM),
        (r"{x} \cdot {y}", PRODUCT),
        (r"{x}\,{y}", PRODUCT),
        (r"\log {x}", FUNCTION),
        ("{x}^{2}", POWER),
        ("e^{{x}}", POWER),
        (r"\frac{{x}}{{y}}", POWER),
        (r"\sigma\left({x}\right)", ATOM),
        (r"\left|{x} + {y}\right|", ATOM),
        (r"\sqrt{{x}}", ATOM),
        ("e^{{x}} - 1", SUM),
        (r"\begin{cases}{y} & {x} \\ {z} & \text{otherwise}\end{cases}", RELATION),
    ],
)
def test_how_tightly_a_template_holds_together(template: str, level: int) -> None:
    assert read_template(template).level == level


def fill(template: str, commutative: bool = False, **operands: tuple[str, int]) -> str:
    formulas = {key: LatexFormula(text, level) for key, (text, level) in operands.items()}
    return read_template(template, commutative).fill(formulas).text


def test_loose_operands_get_parentheses() -> None:
    total = ("a + b", SUM)
    assert fill(r"{x} \cdot {y}", x=total, y=("c", ATOM)) == r"\left(a + b\right) \cdot c"
    assert fill(r"\frac{{x}}{{y}}", x=total, y=total) == r"\frac{a + b}{a + b}"
    assert fill(r"\sigma\left({x}\right)", x=total) == r"\sigma\left(a + b\right)"
    assert fill("{x}^{2}", x=(r"\log a", FUNCTION)) == r"\left(\log a\right)^{2}"


def test_the_right_side_of_a_difference_is_kept_together() -> None:
    difference = ("a - b", SUM)
    assert fill("{x} - {y}", x=difference, y=difference) == r"a - b - \left(a - b\right)"
    assert fill("{x} + {y}", commutative=True, x=difference, y=difference) == "a - b + a - b"


def test_two_signs_do_not_meet() -> None:
    assert (
        fill("{x} + {y}", commutative=True, x=("-a", SUM), y=("-b", SUM)) == r"-a + \left(-b\right)"
    )
    assert fill("-{x}", x=("-a", SUM)) == r"-\left(-a\right)"


def test_a_function_does_not_swallow_a_factor() -> None:
    assert (
        fill(r"{x} \cdot {y}", x=(r"\log a", FUNCTION), y=("b", ATOM))
        == r"\left(\log a\right) \cdot b"
    )
    assert fill(r"{x} \cdot {y}", x=("b", ATOM), y=(r"\log a", FUNCTION)) == r"b \cdot \log a"


def test_a_name_in_braces_is_not_filled_again() -> None:
    assert fill("{x} + {y}", x=("{y}", ATOM), y=("b", ATOM)) == "{y} + b"


def test_sizes_add_up() -> None:
    parts = {"x": LatexFormula("a", size=2), "y": LatexFormula("b", size=3)}
    assert read_template("{x} + {y}").fill(parts).size == 6
