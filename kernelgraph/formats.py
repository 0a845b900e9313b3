"""Numbers that C and CUDA lack, or have in another form: float16 and complex, as types and
conversions in text.

A float16 is for memory only: a program converts it to float32, computes, and rounds the result to
float16 once per op, as NumPy does. Both conversions are written here with integers, so that every
compiler can have them, and turn into vectors:

    float16 h = half_of_float32(1.0f);   // sign, 5 bits of the exponent, 10 digits
    float32 x = float_of_half(h);

A complex number is a pair of floats. C has the type, CUDA gets one.
"""

from __future__ import annotations

from collections.abc import Collection

from kernelgraph.templates import Helper, State, Template

_HALF = """\
typedef struct { uint16 bits; } float16;
$static inline float16 half_bits(uint16 bits) { float16 h; h.bits = bits; return h; }
$static inline uint32 word_of_float(float32 x) {
    uint32 word;
    $copy(&word, &x, sizeof word);
    return word;
}
$static inline float32 float_of_word(uint32 word) {
    float32 x;
    $copy(&x, &word, sizeof x);
    return x;
}
/* The exponent moves to its place in a float32 by a product, which is exact. */
$static inline float32 float_of_half(float16 h) {
    const uint32 word = (uint32)(h.bits & 0x7fff) << 13, sign = (uint32)(h.bits & 0x8000) << 16;
    const uint32 moved = word_of_float(float_of_word(word) * 5192296858534827628530496329220096.0f);
    return float_of_word((word >= 0x0f800000 ? moved | 0x7f800000 : moved) | sign);
}
/* Rounded to the nearest, ties to even digits. */
$static inline float16 half_of_float32(float32 x) {
    const uint32 word = word_of_float(x) & 0x7fffffff, sign = word_of_float(x) >> 16 & 0x8000;
    const uint32 small = word_of_float(float_of_word(word) + 0.5f) - 0x3f000000;
    const uint32 usual = (word + (word >> 13 & 1) + 0xc8000fff) >> 13;
    const uint32 large = word > 0x7f800000 ? 0x7e00 : 0x7c00;
    const uint32 bits = word >= 0x47800000 ? large : word < 0x38800000 ? small : usual;
    return half_bits((uint16)(bits | sign));
}
/* A float64 is cut to a float32 whose last digit says whether more digits follow: rounding twice
   would be wrong where the first time makes a tie. */
$static inline float16 half_of_float64(float64 x) {
    const float32 near = (float32)x;
    const uint32 word = word_of_float(near);
    const int inexact = near == near && (float64)near != x;
    const int past = (near < 0 ? -(float64)near : (float64)near) > (x < 0 ? -x : x);
    return half_of_float32(inexact ? float_of_word((word - past) | 1) : near);
}
"""

_COMPLEX_C = """\
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
/* gcc makes one rounding of the two in a * c - b * d, -ffp-contract=off or not. */
#pragma GCC target("no-fma,no-avx512f")
#endif
typedef float _Complex complex64;
typedef double _Complex complex128;
#define re_part(x) (__real__(x))
#define im_part(x) (__imag__(x))
static inline complex64 complex64_of(float32 re, float32 im) {
    complex64 z;
    __real__ z = re;
    __imag__ z = im;
    return z;
}
static inline complex128 complex128_of(float64 re, float64 im) {
    complex128 z;
    __real__ z = re;
    __imag__ z = im;
    return z;
}
"""

_COMPLEX_CUDA = """\
template <class T> struct pair_of {
    T re, im;
    __device__ pair_of(T re = 0, T im = 0) : re(re), im(im) {}
    template <class U> __device__ explicit pair_of(pair_of<U> z) : re(z.re), im(z.im) {}
    __device__ friend pair_of operator+(pair_of x, pair_of y) {
        return pair_of(x.re + y.re, x.im + y.im);
    }
    __device__ friend pair_of operator-(pair_of x, pair_of y) {
        return pair_of(x.re - y.re, x.im - y.im);
    }
    __device__ friend pair_of operator-(pair_of x) { return pair_of(-x.re, -x.im); }
    __device__ friend bool operator==(pair_of x, pair_of y) {
        return x.re == y.re && x.im == y.im;
    }
    __device__ friend bool operator!=(pair_of x, pair_of y) { return !(x == y); }
};
typedef pair_of<float32> complex64;
typedef pair_of<float64> complex128;
#define re_part(x) ((x).re)
#define im_part(x) ((x).im)
#define complex64_of(re, im) complex64(re, im)
#define complex128_of(re, im) complex128(re, im)
"""


def types(language: str, dtypes: Collection[str]) -> list[str]:
    """The definitions of some dtypes in C or CUDA; none for those that every program has."""
    cuda = language == "cuda"
    static, copy = ("__device__ static", "memcpy") if cuda else ("static", "__builtin_memcpy")
    half = _HALF.replace("$static", static).replace("$copy", copy)
    found = [half] if "float16" in dtypes else []
    if {"complex64", "complex128"} & {*dtypes}:
        found.append(_COMPLEX_CUDA if cuda else _COMPLEX_C)
    return found


WIDEN = Template("float32", "float_of_half({x})", "float32({x})")
"""A float16 as a float32."""

ROUND_HALF = Helper(
    "to_float16",
    c="#define to_float16(x) _Generic((x), double: half_of_float64, default: half_of_float32)(x)\n",
    cuda="""\
__device__ static inline float16 to_float16(float64 x) { return half_of_float64(x); }
template <class T> __device__ static inline float16 to_float16(T x) { return half_of_float32(x); }
""",
    python="to_float16 = float16",
)
"""Any real number rounded to float16. An integer that float32 cannot hold is infinite anyway."""

REAL_PART = Template("re", "re_part({x})", "{x}.real")
IMAGINARY_PART = Template("im", "im_part({x})", "{x}.imag")


def complex_total(state: State, dtype: str) -> tuple[tuple[State, ...], tuple[Template, ...]]:
    """A sum of complex numbers of a dtype is the sums of their parts, each in the order in which
    real numbers are added: what `state` is for real numbers. Then both are put together.
    """
    pair = state.dtype(dtype)
    real = "float32" if pair == "complex64" else "float64"
    states = tuple(
        State(name, state.start, lambda dtype: real, f"{{{name}}} + {{x}}", part=part)
        for name, part in (("real_total", REAL_PART), ("imaginary_total", IMAGINARY_PART))
    )
    joined = f"{pair}_of({{real_total}}, {{imaginary_total}})"
    in_python = f"np.array([{{real_total}}, {{imaginary_total}}]).view({pair})[0]"
    return states, (Template("total", joined, in_python, dtype=pair),)


_SUFFIXES = (("complex64", "float32", "f"), ("complex128", "float64", ""))


def complex_helper(
    name: str,
    arity: int,
    body: str,
    *,
    cuda: str | None = None,
    result: str = "$",
    needs: tuple[Helper, ...] = (),
) -> Helper:
    """A function of complex numbers in C and CUDA (`cuda`, where that has no such functions as C).
    In its text, `$` is the complex type, `REAL` that of its parts, `_F` what C's functions of that
    type end with; a name before `_$` is that of another such function.
    """
    operands, names = ", ".join(f"$ {letter}" for letter in "xy"[:arity]), ", ".join("xy"[:arity])
    head = f"static inline {result} {name}_$({operands})"
    choice = f"complex64: {name}_complex64, default: {name}_complex128"
    overload = f"static inline {result} {name}({operands}) {{ return {name}_$({names}); }}\n"
    device = f"{head} {{\n{cuda or body}}}\n{overload}".replace("static", "__device__ static")
    return Helper(
        name,
        c=_both(f"{head} {{\n{body}}}\n")
        + f"#define {name}({names}) _Generic((x), {choice})({names})\n",
        cuda=_both(device),
        needs=needs,
    )


def _both(text: str) -> str:
    """A text for both complex types."""
    return "".join(
        text.replace("$", pair).replace("REAL", real).replace("_F", suffix)
        for pair, real, suffix in _SUFFIXES
    )
