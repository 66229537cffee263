"""The same scan over many bundles on one machine, and what they have in common.

`backuptrace fleet SOURCE... -o OUT` is `running.run`; `backuptrace.open_fleet(OUT)` reads what it left.
"""
