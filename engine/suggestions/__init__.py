"""Where to label next: the squares of a scene from which a model would learn most.

Read ``suggest_squares`` (the whole run), then ``square_grid``, ``square_sums`` (what a model says of each square),
``tile_features`` (what an encoder sees in a square) and ``diverse_choice`` (which squares, and why).
"""
