"""What every test runs under: hypothesis without deadlines, because no test of ours may depend on a machine's speed."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "loadline",
    deadline=None,
    derandomize=True,  # CI and a developer see the same examples; `--hypothesis-seed=random` looks further
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("loadline")
