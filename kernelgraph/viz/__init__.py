"""Pure renderers: values of the compiler come in, text, SVG, HTML and LaTeX go out.

Nothing here knows IPython: a notebook asks a value for its display, and `display` answers.
"""

from kernelgraph.viz.display import mimebundle as mimebundle
from kernelgraph.viz.display import save as save
from kernelgraph.viz.display import show as show
from kernelgraph.viz.kernels.compiled import stage_source as stage_source
from kernelgraph.viz.kernels.devices import status_html as status_html
from kernelgraph.viz.kernels.heat import heat_html as heat_html
from kernelgraph.viz.rules import rule_html as rule_html
from kernelgraph.viz.stepper.difference import difference_html as difference_html
from kernelgraph.viz.text.tree import debugprint as debugprint
