"""What things cost, as ratios against a floor or a peer measured in the same run.

What belongs here: measuring and printing. What does not: thresholds and pass or fail; these machines are shared.
"""
