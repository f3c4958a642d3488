"""The Processing algorithms: leaves declare parameters and help, ``base`` runs them."""
