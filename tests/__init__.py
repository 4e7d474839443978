"""All tests.

They import and collect so much that Python's collector takes a sixth of that time, and would later look through it all
again, with everything else at a stand. So it is off until the tests have been collected (`tests/conftest.py`). In a
process that runs no tests, such as a worker that is to be killed, it stays on: nobody would turn it on again.
"""

import gc
import sys

if "pytest" in sys.modules:
    gc.disable()
