"""Active learning: the squares of images whose labels would teach a model most.

Read ``suggest_squares`` (the whole run), then ``image_squares`` (the squares of each image, and what is known of them),
``square_grid``, ``known_land``, ``square_sums`` (what a model says of each square), ``square_pool`` (squares of all images
together), ``tile_features`` (what an encoder sees in a square; networks in ``network_encoders``) and ``diverse_choice`` (which squares, and why).
"""
