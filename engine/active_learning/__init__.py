"""Active learning: the squares of images whose labels would teach a model most, and points that are worth a click.

Read ``suggest_squares`` (the whole run), then ``image_squares`` (the squares of each image, and what is known of them),
``square_grid``, ``known_land``, ``mapped_strips`` (a scene as models map it), ``doubt`` (the worth of pixels and squares),
``square_sums``, ``square_pool`` (squares of all images together), ``tile_features`` (the features of a square; networks in
``network_encoders``) and ``diverse_choice`` (which squares, and why).
"""
