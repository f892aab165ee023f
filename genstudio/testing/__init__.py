"""The conformance suite: what the studio relies on, checked for any family, built-in or foreign.

    from genstudio.testing import check_family
    report = check_family(family)
    assert report.passed, report.problems

The family is built on small made-up pictures with its Draft preset and a batch of eight, so that the whole suite takes
seconds on one core.
"""

from genstudio.testing.report import Check, CheckReport
from genstudio.testing.suite import check_family

__all__ = ["Check", "CheckReport", "check_family"]
