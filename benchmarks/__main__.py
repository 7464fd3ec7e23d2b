"""Every benchmark, one after the other: `make bench`."""

from __future__ import annotations

from benchmarks import databases, extraction, forecasting, stages, workbooks


def main() -> None:
    """Run them all at profile M."""
    for benchmark in (extraction, databases, workbooks, forecasting, stages):
        print(f"\n{(benchmark.__doc__ or '').splitlines()[0]}")
        benchmark.main()


if __name__ == "__main__":
    main()
