"""All tests.

They import and collect so much that Python's collector takes a sixth of that time, and would later look through it all
again, with everything else at a stand. So it is off until the tests have been collected (`tests/conftest.py`).
"""

import gc

gc.disable()
